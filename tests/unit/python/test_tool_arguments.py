"""The arguments of tools that the worker stands in for."""

from __future__ import annotations

import pytest
from irlens_worker.tool_arguments import BadArguments, PassCall, parse_arguments, split_pipeline, unknown_flag


def test_passes_in_order_with_their_options() -> None:
    args = ["--canonicalize=top-down=false max-iterations=3", "-cse", "--lower={a=1 b={c,d}}", "--unroll{factor=2}"]
    found = parse_arguments("mlir-opt", args)
    assert found.passes == [
        PassCall("canonicalize", "top-down=false max-iterations=3"),
        PassCall("cse"),
        PassCall("lower", "a=1 b={c,d}"),
        PassCall("unroll", "factor=2"),
    ]
    assert found.passes[0].option_values() == {"top-down": "false", "max-iterations": "3"}
    assert found.passes[2].option_values() == {"a": "1", "b": "{c,d}"}
    assert PassCall("p", "flag").option_values() == {"flag": "true"}


@pytest.mark.parametrize("args", [["--pass-pipeline=any(cse)"], ["-pass-pipeline", "any(cse)"]])
def test_a_pipeline_is_taken_as_it_is(args: list[str]) -> None:
    assert parse_arguments("mlir-opt", args).pipeline == "any(cse)"


def test_switches() -> None:
    args = ["--mlir-print-debuginfo", "-o", "-", "-", "-o=-", "--verify-each=false", "--allow-unregistered-dialect=1"]
    found = parse_arguments("mlir-opt", args)
    assert (found.switches, found.passes) == (
        {"mlir-print-debuginfo", "no-verify-each", "allow-unregistered-dialect"},
        [],
    )


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--cse", "input.mlir"], "'input.mlir' is no flag"),
        (["-o", "x.mlir"], "-o x.mlir: the result is the next stage"),
        (["-o"], "-o : the result is the next stage"),
        (["--cse", "--pass-pipeline=any(cse)"], "--pass-pipeline and --cse: take one of the two"),
        ([">"], "'>' is no flag"),
    ],
)
def test_what_cannot_be_understood(args: list[str], message: str) -> None:
    with pytest.raises(BadArguments, match=r"^mlir-opt: ") as caught:
        parse_arguments("mlir-opt", args)
    assert message in str(caught.value)


def test_a_pipeline_comes_apart() -> None:
    text = "builtin.module(cse, tt.func(licm,unroll{factor=2 list=a,b}),any(canonicalize{max-iterations=1}))"
    assert split_pipeline(text) == [
        PassCall("cse"),
        PassCall("licm"),
        PassCall("unroll", "factor=2 list=a,b"),
        PassCall("canonicalize", "max-iterations=1"),
    ]


@pytest.mark.parametrize("text", ["builtin.module(cse", "any(a b)", "any(cse{x)"])
def test_what_is_no_pipeline(text: str) -> None:
    with pytest.raises(BadArguments):
        split_pipeline(text)


def test_the_name_that_was_meant() -> None:
    known = ["tritongpu-coalesce", "tritongpu-pipeline"]
    assert unknown_flag("triton-opt", "tritongpu-coalesc", known).endswith("; did you mean tritongpu-coalesce?")
    assert unknown_flag("triton-opt", "mlir-print-ir-after-al", known).endswith(
        "; did you mean mlir-print-ir-after-all?"
    )
    assert unknown_flag("triton-opt", "zzz", known) == "triton-opt: no pass and no option 'zzz'"
