vim9script
# The language server behind Vim's own LSP channel: one process per Vim session.
# Documents are kept up to date whole: the server reads what it lowers from disk, the
# text only places what it says. Columns are bytes on both sides (utf-8).

const TIMEOUT = 2000 # ms, for answers that are waited for

var job: any = null_job
var channel: any = null_channel
var attached: dict<dict<number>> = {} # buffer -> {version, tick}
var handlers: dict<func> = {}
var answers: dict<func> = {}
var log_lines: list<string> = []

def Command(): list<string>
  final set = get(g:, 'irlens_command', 'irlens')
  final words: list<string> = type(set) == v:t_list ? copy(set) : [set]
  return [expand(words[0])] + words[1 :] + ['lsp']
enddef

export def Executable(): bool
  return executable(Command()[0]) == 1
enddef

export def Missing(): string
  return Command()[0] .. ' is not executable; put irlens on PATH or set g:irlens_command'
enddef

# What to do when the server sends the request `method`: the result is the answer.
export def Answer(method: string, Act: func)
  answers[method] = Act
enddef

# What to do when the server sends `method`. Requests are answered with null.
export def Handle(method: string, Act: func)
  handlers[method] = Act
enddef

export def Log(line: string)
  log_lines->add(line)
  if len(log_lines) > 5000
    log_lines->remove(0, 999)
  endif
enddef

def IsRunning(): bool
  return job != null_job && job_status(job) == 'run'
enddef

def OnMessage(_: channel, message: dict<any>)
  final method = get(message, 'method', '')
  if has_key(message, 'id') && has_key(answers, method)
    ch_sendexpr(channel, {id: message.id, result: call(answers[method], [get(message, 'params', {})])})
  elseif has_key(message, 'id')
    final answer = has_key(handlers, method)
      ? {result: null}
      : {error: {code: -32601, message: 'unknown method ' .. method}}
    ch_sendexpr(channel, extend({id: message.id}, answer))
  endif
  if has_key(handlers, method)
    call(handlers[method], [get(message, 'params', {})])
  endif
enddef

def OnExit(_: job, code: number)
  attached = {}
  if code != 0
    echomsg $'irlens ended with code {code}; :IRLensLog says more, :IRLensRestart starts it again'
  endif
enddef

# The nearest folder above the file that looks like a project, else its own.
def RootOf(buf: number): string
  final folder = fnamemodify(bufname(buf), ':p:h')
  for mark in ['.git', 'pyproject.toml', 'setup.py']
    for found in [finddir(mark, folder .. ';'), findfile(mark, folder .. ';')]
      if !empty(found)
        return found->fnamemodify(':p')->substitute('/\+$', '', '')->fnamemodify(':h')
      endif
    endfor
  endfor
  return folder
enddef

def InitializeParams(root: string): dict<any>
  final settings = get(g:, 'irlens_settings', {})
  return {
    processId: getpid(),
    clientInfo: {name: 'Vim', version: string(v:versionlong)},
    rootUri: FileUri(root),
    workspaceFolders: [{uri: FileUri(root), name: fnamemodify(root, ':t')}],
    initializationOptions: {clientCommands: ['irlens.open', 'irlens.diff'], virtualDocuments: true, irlens: settings},
    capabilities: {
      general: {positionEncodings: ['utf-8']},
      window: {workDoneProgress: true},
      workspace: {
        textDocumentContent: {dynamicRegistration: false},
        codeLens: {refreshSupport: true},
        applyEdit: true,
      },
      textDocument: {
        synchronization: {didSave: true},
        hover: {contentFormat: ['plaintext']},
        codeLens: {},
        publishDiagnostics: {relatedInformation: true},
      },
    },
  }
enddef

# Starts the server, unless it runs. False when it cannot be started.
export def Start(root: string): bool
  if IsRunning()
    return true
  endif
  job = job_start(Command(), {in_mode: 'lsp', out_mode: 'lsp', err_mode: 'nl', noblock: 1,
    out_cb: OnMessage, err_cb: (_, line) => Log(line), exit_cb: OnExit})
  if !IsRunning()
    return false
  endif
  channel = job_getchannel(job)
  if empty(Ask('initialize', InitializeParams(root)))
    Log('no answer to initialize')
    job_stop(job, 'kill')
    return false
  endif
  Notify('initialized', {})
  return true
enddef

export def Stop()
  if IsRunning()
    Ask('shutdown', {})
    Notify('exit', {})
    var waited = 0
    while IsRunning() && waited < 3000
      sleep 20m
      waited += 20
    endwhile
    if IsRunning()
      job_stop(job, 'kill')
    endif
  endif
  attached = {}
enddef

def Notify(method: string, params: dict<any>)
  if IsRunning()
    ch_sendexpr(channel, {method: method, params: params})
  endif
enddef

# Vim drops a message whose parts come 100 ms or more apart (channel.c, the deadline of
# an incomplete message): on a busy machine replies get lost. What only reads is asked again.
def IsAskedAgain(method: string, params: dict<any>): bool
  return method != 'workspace/executeCommand' || params.command == 'irlens.stages'
enddef

# Sends a request and waits; null on an error or when no answer comes.
export def Ask(method: string, params: dict<any>): any
  for _ in range(IsAskedAgain(method, params) ? 2 : 1)
    if !IsRunning()
      return null
    endif
    final reply = ch_evalexpr(channel, {method: method, params: params}, {timeout: TIMEOUT})
    if type(reply) == v:t_dict && !empty(reply)
      if has_key(reply, 'error')
        Log($'{method}: {reply.error.message}')
      endif
      return get(reply, 'result', null)
    endif
  endfor
  echomsg $'irlens: no answer to {method} within {TIMEOUT} ms'
  return null
enddef

# Sends a request; `Then` gets its result later, and is not called on an error.
export def Send(method: string, params: dict<any>, Then: func, again = true)
  if !IsRunning()
    return
  endif
  var answered = false
  ch_sendexpr(channel, {method: method, params: params}, {callback: (_, reply) => {
    answered = true
    if has_key(reply, 'result')
      Then(reply.result)
    else
      Log($'{method}: {reply->get('error', {})->get('message', 'no answer')}')
    endif
  }})
  if again && IsAskedAgain(method, params)
    timer_start(TIMEOUT, (_) => {
      if !answered
        Send(method, params, Then, false)
      endif
    })
  endif
enddef

# --- URIs

def Percent(character: string): string
  return range(strlen(character))->map((_, i) => printf('%%%02X', char2nr(strpart(character, i, 1))))->join('')
enddef

def FileUri(path: string): string
  return 'file://' .. substitute(path, '[^A-Za-z0-9_.~/-]', (found) => Percent(found[0]), 'g')
enddef

export def Uri(buf: number): string
  final name = bufname(buf)
  return name =~ '^irlens://' ? name : FileUri(fnamemodify(name, ':p'))
enddef

# The name of the buffer that shows a URI.
export def NameOf(uri: string): string
  if uri !~ '^file://'
    return uri
  endif
  final path = uri[strlen('file://') :]
  return substitute(path, '\(%\x\x\)\+', (found) => found[0]->substitute('%', '', 'g')->Bytes(), 'g')
enddef

def Bytes(hex: string): string
  return eval('"' .. substitute(hex, '\x\x', '\\x\0', 'g') .. '"')
enddef

# The loaded buffer that shows a URI, 0 if there is none.
export def BufferOf(uri: string): number
  final buf = bufnr('^' .. NameOf(uri)->escape('*?[{,\') .. '$')
  return buf > 0 && bufloaded(buf) ? buf : 0
enddef

# --- Documents

def Text(buf: number): string
  return getbufline(buf, 1, '$')->join("\n") .. "\n"
enddef

export def IsAttached(buf: number): bool
  return has_key(attached, buf)
enddef

# Opens the buffer at the server, which is started if need be.
export def Attach(buf: number): bool
  if IsAttached(buf)
    return true
  elseif empty(bufname(buf)) || !Start(RootOf(buf))
    return false
  endif
  attached[buf] = {version: 0, tick: getbufvar(buf, 'changedtick')}
  Notify('textDocument/didOpen', {textDocument:
    {uri: Uri(buf), languageId: getbufvar(buf, '&filetype'), version: 0, text: Text(buf)}})
  return true
enddef

export def Detach(buf: number)
  if IsAttached(buf)
    remove(attached, string(buf))
    Notify('textDocument/didClose', {textDocument: {uri: Uri(buf)}})
  endif
enddef

export def AttachedBuffers(): list<number>
  return keys(attached)->mapnew((_, key) => str2nr(key))
enddef

# Sends the text if it has changed since it was sent last.
export def SendChanges(buf: number)
  final document = get(attached, buf, {})
  const tick: number = getbufvar(buf, 'changedtick', 0)
  if empty(document) || document.tick == tick
    return
  endif
  document.tick = tick
  document.version += 1
  Notify('textDocument/didChange', {textDocument: {uri: Uri(buf), version: document.version},
    contentChanges: [{text: Text(buf)}]})
enddef

export def Saved(buf: number)
  if IsAttached(buf)
    SendChanges(buf)
    Notify('textDocument/didSave', {textDocument: {uri: Uri(buf)}})
  endif
enddef

# Parameters of a request about the cursor.
export def CursorParams(): dict<any>
  return {textDocument: {uri: Uri(bufnr())}, position: {line: line('.') - 1, character: col('.') - 1}}
enddef

export def ShowLog()
  new
  setlocal buftype=nofile bufhidden=wipe noswapfile
  setline(1, log_lines)
  normal! G
enddef
