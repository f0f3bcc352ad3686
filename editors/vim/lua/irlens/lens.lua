-- Code lenses as virtual lines above the code. Neovim 0.12 draws them so by
-- itself; before, its own display would put fifteen stages after the end of a line.
-- The lenses are saved with vim.lsp.codelens, so that its run() finds them.
local M = {}

local namespace = vim.api.nvim_create_namespace('irlens_lens')
local SEPARATOR = ' | '

local function native()
  return vim.lsp.codelens.enable ~= nil
end

-- The virtual lines for the lenses of one line: chunks of text, broken at `width`.
local function layout(lenses, indent, width)
  local lines, used = {}, 0
  for _, lens in ipairs(lenses) do
    local title = lens.command.title:gsub('%s+', ' ')
    local needed = vim.fn.strdisplaywidth(title) + #SEPARATOR
    if #lines == 0 or used + needed > width then
      lines[#lines + 1] = { { indent, 'LspCodeLens' } }
      used = #indent
    else
      table.insert(lines[#lines], { SEPARATOR, 'LspCodeLensSeparator' })
    end
    table.insert(lines[#lines], { title, 'LspCodeLens' })
    used = used + needed
  end
  return lines
end

local function text_width(buf)
  local win = vim.fn.bufwinid(buf)
  return win == -1 and 80 or vim.api.nvim_win_get_width(win) - vim.fn.getwininfo(win)[1].textoff
end

function M.draw(buf, lenses)
  vim.api.nvim_buf_clear_namespace(buf, namespace, 0, -1)
  local by_line = {}
  for _, lens in ipairs(lenses) do
    local line = lens.range.start.line
    by_line[line] = by_line[line] or {}
    table.insert(by_line[line], lens)
  end
  for line, group in pairs(by_line) do
    local text = vim.api.nvim_buf_get_lines(buf, line, line + 1, false)[1]
    if text then
      vim.api.nvim_buf_set_extmark(buf, namespace, line, 0, {
        virt_lines = layout(group, text:match('^%s*'), text_width(buf)),
        virt_lines_above = line > 0, -- above the first line nothing can be drawn
      })
    end
  end
end

-- Handler of the answer; nil where Neovim's own does the same.
function M.handler()
  if native() then
    return nil
  end
  return function(_, result, context)
    if result and vim.api.nvim_buf_is_loaded(context.bufnr) then
      vim.lsp.codelens.save(result, context.bufnr, context.client_id)
      M.draw(context.bufnr, result)
    end
  end
end

-- Handler of the server's workspace/codeLens/refresh.
function M.refresh_handler()
  if native() then
    return nil
  end
  return function(_, _, context)
    local server = vim.lsp.get_client_by_id(context.client_id)
    for buf in pairs(server and server.attached_buffers or {}) do
      M.refresh(buf)
    end
    return vim.NIL
  end
end

-- Asks for the lenses of a buffer and draws them.
function M.refresh(buf)
  local client = require('irlens.client')
  local server = client.of(buf)
  if not server then
    return
  end
  if native() then
    vim.lsp.codelens.enable(true, { bufnr = buf })
  else
    local params = { textDocument = { uri = vim.uri_from_bufnr(buf) } }
    client.request(server, 'textDocument/codeLens', params, nil, buf)
  end
end

return M
