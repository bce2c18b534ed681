"""What every stage uses: errors, files, jobs, sections of the configuration."""
