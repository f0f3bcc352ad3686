-- Two documents against each other, as Neovim's own diff.
local document = require('irlens.document')
local stages = require('irlens.stages')

local M = {}

-- Shows both side by side, where documents are shown, with the cursor in the second.
function M.show(left, right)
  document.show(right)
  local here = vim.api.nvim_get_current_win()
  -- What an earlier comparison has left.
  for _, win in ipairs(vim.api.nvim_tabpage_list_wins(0)) do
    if win ~= here and vim.wo[win].diff and document.is_stage(vim.api.nvim_win_get_buf(win)) then
      vim.api.nvim_win_close(win, false)
    end
  end
  vim.cmd('diffthis')
  vim.cmd('leftabove vertical keepalt diffsplit ' .. vim.fn.fnameescape(left))
  vim.api.nvim_set_current_win(here)
end

-- The document that is in view: the cursor's, else the first of the tab page.
local function shown()
  local windows = vim.list_extend({ vim.api.nvim_get_current_win() }, vim.api.nvim_tabpage_list_wins(0))
  for _, win in ipairs(windows) do
    local buf = vim.api.nvim_win_get_buf(win)
    if document.is_stage(buf) then
      return vim.api.nvim_buf_get_name(buf)
    end
  end
end

-- The rows that "[entry:]stage" means; without an entry those of `entry`, if it has it.
local function named(rows, word, entry)
  local stage = word:match('[^:]*$')
  local wanted = word:match('^(.*):') or nil
  local found = vim.tbl_filter(function(row)
    return row.stage == stage and (not wanted or row.entry == wanted)
  end, rows)
  local same = vim.tbl_filter(function(row) return row.entry == entry end, found)
  return not wanted and #same > 0 and same or found
end

local function choose(rows, word, entry, act)
  stages.pick(named(rows, word, entry), 'stage "' .. word .. '"', 'Stage to compare:', act)
end

local function show_two(left, right)
  if left == right then
    stages.tell('these are one document')
  else
    M.show(left, right)
  end
end

-- :IRLensDiff [entry:]stage [[entry:]stage]
function M.stages(command)
  local first, second = command.fargs[1], command.fargs[2]
  stages.with_source(function(buf, server)
    -- Only who names an entry means one of the many configurations of a kernel.
    local rows = stages.of(buf, server, table.concat(command.fargs, ' '):find(':') ~= nil)
    if second then
      choose(rows, first, nil, function(left)
        choose(rows, second, left.entry, function(right) show_two(left.uri, right.uri) end)
      end)
    elseif shown() then
      local left = shown()
      choose(rows, first, nil, function(right) show_two(left, right.uri) end)
    else
      stages.tell('name two stages, or open one first')
    end
  end)
end

function M.complete(lead)
  local names = stages.names(lead, function(row) return row.stage end)
  if #stages.names('', function(row) return row.entry end) > 1 then
    vim.list_extend(names, stages.names(lead, function(row) return row.entry .. ':' .. row.stage end))
  end
  return names
end

return M
