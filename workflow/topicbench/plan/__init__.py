"""From runs to Snakemake jobs: paths, resources, targets."""
