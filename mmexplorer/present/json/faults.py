"""A trace of faults in JSON: `mmexplorer faults --json`."""

from collections.abc import Sequence

from mmexplorer.model.memory.faults import FaultGroup, FaultSample, FaultTrace, MappingEvent
from mmexplorer.present.json.document import document, record
from mmexplorer.present.text.format import hexadecimal


def faults_document(pid: int, trace: FaultTrace, groups: Sequence[FaultGroup]) -> str:
    """Return the document."""
    fields = {
        "pid": pid,
        "seconds": round(trace.seconds, 3),
        "period": trace.period,
        "threads": trace.threads,
        "untraced": trace.untraced,
        "faults": trace.faults,
        "lost": trace.lost,
        "samples": [_sample(sample) for sample in trace.samples],
        "mappings": [_mapping(mapping) for mapping in trace.mappings],
        "groups": [record(group._asdict()) for group in groups],
    }
    return document("faults", fields)


def _sample(sample: FaultSample) -> dict[str, object]:
    addresses = {"address": hexadecimal(sample.address), "ip": hexadecimal(sample.ip)}
    return {**addresses, "tid": sample.tid, "time": sample.time, "chain": [hexadecimal(each) for each in sample.chain]}


def _mapping(mapping: MappingEvent) -> dict[str, object]:
    return record(
        {
            "address": hexadecimal(mapping.address),
            "size": mapping.size,
            "tid": mapping.tid,
            "time": mapping.time,
            "prot": mapping.prot,
            "flags": mapping.flags,
            "path": mapping.path,
        }
    )
