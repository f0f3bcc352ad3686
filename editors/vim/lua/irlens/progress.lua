-- Progress of a run: one line in the message area while it lasts, and
-- require('irlens.progress').status() for a status line.
local M = {}

local running = {} -- token -> text

local function show(text)
  if vim.g.irlens_progress == 0 or vim.g.irlens_progress == false then
    return
  end
  -- Never so long that Neovim would ask for ENTER, and not while typing.
  if vim.api.nvim_get_mode().mode == 'n' then
    vim.api.nvim_echo({ { vim.fn.strcharpart(text, 0, vim.o.columns - 20) } }, false, {})
  end
end

-- Handler of $/progress. Neovim's own keeps the state that other plugins show.
function M.handler(err, params, context, config)
  local value = params.value
  if value.kind == 'begin' then
    running[params.token] = value.title
  end
  if value.kind == 'end' then
    show((running[params.token] or 'irlens') .. ': ' .. (value.message or 'done'))
    running[params.token] = nil
  elseif running[params.token] then
    local percent = value.percentage and (' ' .. value.percentage .. '%') or ''
    M.text = running[params.token] .. percent .. (value.message and ('  ' .. value.message) or '')
    show(M.text)
  end
  return vim.lsp.handlers['$/progress'](err, params, context, config)
end

-- What is running, "" when nothing is.
function M.status()
  return next(running) and M.text or ''
end

return M
