# Where the package, its data and its default configuration lie: the checkout that this file is a part of. The workflow
# may be a module of another one, so that `workflow.basedir` is somebody else's folder.

import os
import sys
import tarfile
import tempfile
from pathlib import Path, PurePosixPath

from snakemake.exceptions import WorkflowError
from snakemake.sourcecache import HostingProviderFile, LocalSourceFile


def checkout(rules, cache):
    """The checkout that ``rules`` (the folder workflow/rules, as Snakemake names sources) is a part of.

    Of a module from GitHub or GitLab, Snakemake caches single files as rules need them. The package is needed whole:
    the commit is unpacked once into Snakemake's ``cache`` of sources.
    """
    if isinstance(rules, LocalSourceFile):
        return Path(rules.path).parents[1]
    if not isinstance(rules, HostingProviderFile):
        raise WorkflowError(f"{rules}: the workflow is more than one file\n  name it by a path, github(…) or gitlab(…)")
    repository = rules.hosted_repo.repo
    commit = repository.commit(rules.ref).hexsha
    folder = Path(cache) / "topicbench" / commit
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as unpacked, tempfile.TemporaryFile() as archive:
            repository.archive(archive, commit)
            archive.seek(0)
            tarfile.open(fileobj=archive).extractall(unpacked, filter="data")
            try:
                os.rename(unpacked, folder)
            except OSError:
                # Another process was faster.
                if not folder.exists():
                    raise
    return folder / PurePosixPath(rules.path).parents[1]


ROOT = checkout(workflow.current_basedir, workflow.sourcecache.cache_path)

if {"{", "}"} & {*str(ROOT)}:
    raise WorkflowError(f"{ROOT}: Snakemake takes a brace in a path for a wildcard\n  rename or move the folder")

# The environments of --use-conda do not contain the package. Snakemake hands its own search path to scripts, after
# whatever is installed; the variable comes first, where an environment does not block it.
PACKAGE, SEARCHED = str(ROOT / "workflow"), "PYTHONPATH"
sys.path.insert(0, PACKAGE)
if PACKAGE not in (found := [*filter(None, os.environ.get(SEARCHED, "").split(os.pathsep))]):
    os.environ[SEARCHED] = os.pathsep.join([PACKAGE, *found])
