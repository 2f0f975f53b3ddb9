"""The whole document: every shape, and what the generator cannot tell by itself."""

from typing import Any, Final

from scoring.api.schema import handovers, reading, reports, sending, shapes

COMPONENTS: Final = {
    **shapes.COMPONENTS,
    **sending.COMPONENTS,
    **reading.COMPONENTS,
    **handovers.COMPONENTS,
    **reports.COMPONENTS,
}


def add_components(result: Any, generator: Any, request: Any, public: bool) -> Any:
    """A hook of drf-spectacular: the shapes that the calls refer to, and what is not empty."""
    result.setdefault("components", {}).setdefault("schemas", {}).update(COMPONENTS)
    for operations in result["paths"].values():
        if "requestBody" in operations.get("post", {}):
            operations["post"]["requestBody"]["required"] = True
        for one in operations.get("get", {}).get("parameters", ()):
            if one["in"] == "query" and one["schema"] == {"type": "string"}:
                one["schema"] = {"type": "string", "pattern": shapes.FILLED}
    return result
