# Tables and figures, one rule each: every module of topicbench.views that holds one, and those of experiments.


for view in plan.known_views.values():

    rule:
        name:
            f"view_{view.name}"
        input:
            unpack(asked(lambda wildcards, view=view: plan.view_inputs(view))),
        output:
            **{
                suffix: (
                    report(
                        paths.VIEW.format(file=file),
                        caption="../report/view.rst",
                        category=view.category,
                        labels={"view": view.label, "format": suffix},
                    )
                    if suffix in ("md", "png")
                    else paths.VIEW.format(file=file)
                )
                for suffix, file in view.outputs().items()
            },
        log:
            f"logs/{view.name}.log",
        group:
            "paper"
        conda:
            "../../envs/analysis.yaml"
        resources:
            mem_mb=2000,
            runtime=10,
        params:
            code=code("view", type(view).__module__),
            view=f"{type(view).__module__}:{type(view).__name__}",
            label=view.label,
            summary=view.summary,
            # Views of scores read what was written with the scores; the others are told here.
            about=None if view.experiment else plan.about(),
        message:
            f"{view.label}"
        script:
            "../scripts/view.py"


rule paper_source:
    input:
        tables=[paths.VIEW.format(file=view.outputs()["tex"]) for view in plan.views.values() if view.kind == "table"],
        figures=[paths.VIEW.format(file=view.outputs()["pdf"]) for view in plan.views.values() if view.kind == "figure"],
        captions=[
            paths.VIEW.format(file=view.outputs()["txt"]) for view in plan.views.values() if view.kind == "figure"
        ],
    output:
        paths.PAPER.format(kind="tex"),
    log:
        "logs/paper_source.log",
    group:
        "paper"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=code("paper_source", *sorted({type(view).__module__ for view in plan.views.values()})),
        about=plan.about(defined=True),
    message:
        "Putting all tables and figures into one document"
    script:
        "../scripts/paper_source.py"


# Only asked for where pdflatex is installed.
rule paper:
    input:
        rules.paper_source.output,
        rules.paper_source.input,
    output:
        paths.PAPER.format(kind="pdf"),
    log:
        "logs/paper.log",
    group:
        "paper"
    conda:
        "../../envs/analysis.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=code("paper"),
    message:
        "Typesetting {output}"
    script:
        "../scripts/paper.py"
