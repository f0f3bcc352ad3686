"""Sessions through pytest-lsp, a client that is not ours: it parses what it receives
with lsprotocol, and checks it against the capabilities of captured clients."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities
from servers import BIN, MODEL


@pytest_lsp.fixture(
    params=["neovim", "visual-studio-code", "emacs"],
    config=ClientServerConfig(server_command=[str(BIN / "irlens_fake_server")]),
)
async def client(request: pytest.FixtureRequest, lsp_client: LanguageClient) -> AsyncIterator[None]:
    capabilities = client_capabilities(request.param)
    for method in ("client/registerCapability", "workspace/codeLens/refresh"):
        lsp_client.feature(method)(lambda *_: None)
    await lsp_client.initialize_session(
        types.InitializeParams(capabilities=capabilities, process_id=os.getpid(), root_uri="file:///")
    )
    yield
    await lsp_client.shutdown_session()


@pytest.mark.asyncio
async def test_lenses_links_and_documents(client: LanguageClient, tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text(MODEL)
    uri = path.as_uri()
    client.text_document_did_open(types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "python", 1, MODEL)))
    await client.protocol.send_request_async("irlens/sync", None)  # type: ignore[no-untyped-call]
    document = types.TextDocumentIdentifier(uri)
    lenses = await client.text_document_code_lens_async(types.CodeLensParams(document))
    assert lenses
    lens = next(lens for lens in lenses if lens.command and lens.command.title.startswith("linalg"))
    assert lens.command and lens.command.arguments
    target = str(lens.command.arguments[0])
    content = await client.workspace_text_document_content_async(types.TextDocumentContentParams(target))
    assert "linalg.op" in content.text
    position = types.Position(1, 0)
    found = await client.text_document_definition_async(
        types.DefinitionParams(types.TextDocumentIdentifier(target), position)
    )
    assert found
    hover = await client.text_document_hover_async(types.HoverParams(document, types.Position(2, 0)))
    assert hover
    locations = await client.text_document_implementation_async(
        types.ImplementationParams(document, types.Position(2, 0))
    )
    assert locations
