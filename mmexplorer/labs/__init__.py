"""The experiments of the memory chapter, as data.

A lab is one module in `labs/chapter/` with one value, `LAB`; nothing else has to change for it to be listed, played on
the screen and by `mmexplorer lab`, and tested. It looks like this::

    LAB = Lab(
        name="mmap", title="...", row="15", learn="...", order=30, address_space=200 * MIB, needs=(Need.PAGEMAP,),
        steps=(
            Step(
                title="Map 100 MiB",
                text="What is about to happen; a [[term]] has an entry in `labs/glossary.py`.",
                question=Number("By how much does VmSize grow?", unit="kB", figure="vm_size_change", scale=1024),
                operations=(operations.mmap("memory", 100 * MIB),),
                checks=(Check("VmSize grew by 102,400 kB", lambda f: f["vm_size_change"] == 100 * MIB),),
                explanation="It grew by {vm_size_change:kB}.",
                watch="memory",
            ),
        ),
    )

`lab.py` has all that a lab and a step can say. `operations.py` has what the lab process can do, `figures.py` the names
of what is measured, and `text.py` how a text speaks with those figures. `fork` and `run` make further processes: they
are measured beside the lab process, and their names stand before their figures. A step with `fresh=True` gets a process
of its own, set up by its `prepare`.

A lab with a `memory_limit` has its process alone in a memory cgroup; with `surroundings` the machine's memory is
measured, too; with a `simulator` there is no process at all, and that does the operations. Where the answer to a
question says what is to be done (`Step.own`), none is the right one.

From a key to a verdict: `state.py` holds how far a lab is and what was predicted. The kernel package, which serves
`interfaces.py`, has the step's operations done (`protocol.py`) and measures before and after (`measurement.py`);
`step_figures.py` turns both measurements into figures, and `outcome.py` judges them.

A new operation is a function in `operations.py`, one of the same name in `kernel/lab/child.py`, listed there in
`OPERATIONS`, and its figures in `figures.py`.
"""
