"""How much of each policy code decides, and which rules tasks keep to and which they meet.

Usage: ``python -m benchmarks.policy_rules TASKS [CATALOGUE [POLICY]]``: without a catalogue, the
project's own.
"""

import sys
from collections import Counter
from pathlib import Path

from generators.world.model import governs
from pipeline.config import Settings
from pipeline.opening import open_workshop


def write(line: str) -> None:
    """A line of the report."""
    sys.stdout.write(f"{line}\n")


def main(tasks: int, *files: str) -> None:
    """Print a line a service and, for each rule, in how many tasks it was kept to and met."""
    places = dict(zip(("tools", "policy"), map(Path, files), strict=False))
    given = {"tools": (places["tools"],), "policy": places.get("policy")} if places else {}
    studio = open_workshop(Settings.model_validate(given)).studio
    kept, met = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for index in range(tasks):
        task = studio.task(1, index)
        for call in task.calls:
            model = studio.world.models[call.tool]
            service = studio.world.domains.get(model.tool.domain)
            for rule in service.rules if service and not call.barred else ():
                if governs(rule, model) and (rule.given is None or rule.given in call.arguments):
                    kept[model.tool.domain, rule.id] += 1
        for turn in task.turns:
            for call in turn.calls if turn.reason else ():
                domain = studio.world.models[call.tool].tool.domain
                service = studio.world.domains.get(domain)
                for rule in service.rules if service and call.barred else ():
                    met[domain, rule.id] += rule.text == turn.reason
    for domain, service in studio.world.domains.items():
        lines = [one for one in (service.policy or "").splitlines() if one.lstrip().startswith("-")]
        decided = [rule for rule in service.rules if rule.require]
        asked = [rule for rule in service.rules if rule.ask]
        texts = {rule.text for rule in service.rules}
        write(
            f"{domain}: {len(lines)} points, {len(texts)} of them rules: {len(decided)} decided by "
            f"code, {len(asked)} with a confirmation; {max(0, len(lines) - len(texts))} text only"
        )
        lacking = []
        for rule in service.rules:
            key = (domain, rule.id)
            # What has only to be asked or said is met by each call that it governs.
            seen = met[key] if rule.require else kept[key]
            lacking += [rule.id] if not kept[key] or not seen else []
            write(f"  {kept[key]:4} kept  {seen:4} met  {rule.id}")
        write(f"  not kept to, or not met: {', '.join(lacking) or 'none'}")


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
