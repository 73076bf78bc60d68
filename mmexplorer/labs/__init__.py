"""The experiments of the memory chapter, as data.

A lab is one module in `labs/chapter/`, called as the lab is (`free_and_cache` for `free-and-cache`), with one value,
`LAB`; nothing else has to change for it to be listed, played on the screen and by `mmexplorer lab`, and tested. It
looks like this::

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

`lab.py` defines everything a lab and a step can contain, `operations.py` what the lab process can do, `figures.py` the
names of the figures measured, and `text.py` how texts refer to them. `fork` and `run` make further processes: they are
measured too, and the names of their figures begin with the process's name. A step with `fresh=True` gets a new process,
set up by its `prepare`.

With a `memory_limit`, the lab process is alone in a memory cgroup; with `surroundings`, the machine's memory is
measured too; with a `simulator`, there is no process, and the simulator does the operations. If the answer to a
question decides what is done (`Step.own`), no answer is right or wrong.

The way of a prediction: `state.py` holds the progress of a lab and the prediction. The kernel package implements
`interfaces.py`: it has the step's operations done (`protocol.py`), and measures before and after (`measurement.py`).
`step_figures.py` turns both measurements into figures, and `outcome.py` judges them.

To add an operation, write a function in `operations.py` and one of the same name in `kernel/lab/child.py`, list that in
`OPERATIONS` there, and add its figures to `figures.py`.
"""
