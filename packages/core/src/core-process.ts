/**
 * One Core process as its host holds it: calls in, answers out, and how it ended.
 *
 * Every call has a deadline. A Core that passes it, or answers what the door's schema does not allow, is killed: it
 * never signs what it did not finish, and what it said last is not looked at.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { EnigmaError } from '@enigma/protocol'
import * as v from 'valibot'
import { Answer, CALLS, type CallName, type CallParams, type CallResult, type CoreConfig } from './calls.ts'
import { encodeFrame, FrameReader } from './channel.ts'
import type { Command } from './confinement.ts'
import { coreErrorOf } from './errors.ts'
import { isPlatformErrorCode, PLATFORM_ERRORS } from './platform/platform-error.ts'

const STOP_MS = 2_000
const CODE = /^[A-Z][A-Z0-9_]{2,40}$/
/** Enough for Node's own complaint about a start that failed. */
const MAX_START_TEXT = 2_000

type Waiting = { resolve: (result: unknown) => void; reject: (reason: Error) => void }

export class CoreProcess {
  readonly #child: ChildProcess
  readonly #frames = new FrameReader()
  readonly #waiting = new Map<number, Waiting>()
  readonly #ended = Promise.withResolvers<CoreEnded>()
  #queue: Promise<unknown> = Promise.resolve()
  #lastId = 0
  #why: CoreEnded['reason'] = 'CORE_DID_NOT_START'
  #startText = ''
  #end: CoreEnded | undefined

  /** `log` hears the codes that Core writes. Anything else on its stderr is dropped: it might quote plaintext (S21). */
  constructor({ program, args }: Command, log: (code: string) => void) {
    // In a session of its own: Ctrl-C is for the host, who still has answers to wait for.
    const child = spawn(program, args, { env: {}, cwd: '/', detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child = child
    // Written to after it ended: its end tells the caller, the broken pipe adds nothing.
    child.stdin.on('error', () => {})
    child.stdout.on('data', (chunk: Buffer) => this.#read(chunk))
    child.stderr.setEncoding('latin1').on('data', (text: string) => {
      // Before its first answer Core has seen nothing that is secret.
      if (this.#why === 'CORE_DID_NOT_START') this.#startText = (this.#startText + text).slice(0, MAX_START_TEXT)
      for (const line of text.split('\n')) if (CODE.test(line)) log(line)
    })
    child.on('error', () => this.#finish(null, null))
    child.on('close', (exitCode, signal) => this.#finish(exitCode, signal))
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** The first frame of all. Core answers the calls behind it, or ends. */
  configure(config: CoreConfig): void {
    this.#child.stdin?.write(encodeFrame(config))
  }

  /** One call after the other, however they come in. */
  call<Name extends CallName>(name: Name, params: CallParams<Name>, deadlineMs: number): Promise<CallResult<Name>> {
    const answered = this.#queue.then(() => this.#call(name, params, deadlineMs))
    this.#queue = answered.catch(() => {})
    return answered
  }

  onExit(listener: (end: CoreEnded) => void): void {
    void this.#ended.promise.then(listener)
  }

  async stop(): Promise<void> {
    if (this.#why !== 'CORE_DID_NOT_START') this.#why = 'CORE_STOPPED'
    this.#child.stdin?.end()
    const timer = setTimeout(() => this.#killAll(), STOP_MS)
    await this.#ended.promise
    clearTimeout(timer)
  }

  async #call<Name extends CallName>(
    name: Name,
    params: CallParams<Name>,
    deadlineMs: number,
  ): Promise<CallResult<Name>> {
    if (this.#end) throw new CoreEndedError(this.#end)
    this.#lastId++
    const id = this.#lastId
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    this.#waiting.set(id, { resolve, reject })
    const timer = setTimeout(() => this.#kill('CORE_KILLED'), deadlineMs)
    try {
      this.#child.stdin?.write(encodeFrame({ id, call: name, params }))
      const parsed = v.safeParse(CALLS[name].result, await promise)
      if (parsed.success) return parsed.output as CallResult<Name>
      this.#kill('CORE_MALFORMED_ANSWER')
      throw new CoreEndedError(await this.#ended.promise)
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(id)
    }
  }

  #read(chunk: Buffer): void {
    try {
      for (const value of this.#frames.push(chunk)) this.#settle(v.parse(Answer, value))
    } catch {
      this.#kill('CORE_MALFORMED_ANSWER')
    }
  }

  #settle(answer: Answer): void {
    if (this.#why === 'CORE_DID_NOT_START') this.#why = 'CORE_ENDED'
    const waiting = this.#waiting.get(answer.id)
    this.#waiting.delete(answer.id)
    if (!waiting) this.#kill('CORE_MALFORMED_ANSWER')
    else if ('error' in answer) waiting.reject(coreErrorOf(answer.error))
    else waiting.resolve(answer.result)
  }

  #kill(why: CoreEnded['reason']): void {
    this.#why = why
    this.#killAll()
  }

  /** With what it started, which would hold the pipe and so the end: a program may run its Core as a child. */
  #killAll(): void {
    const { pid } = this.#child
    if (pid === undefined || this.#end) return
    try {
      process.kill(-pid, 'SIGKILL')
    } catch {
      // All of them are gone already.
    }
  }

  #finish(exitCode: number | null, signal: string | null): void {
    if (this.#end) return
    const reason = this.#why
    this.#end = { reason, exitCode, signal, ...(reason === 'CORE_DID_NOT_START' && { text: this.#startText }) }
    for (const { reject } of this.#waiting.values()) reject(new CoreEndedError(this.#end))
    this.#ended.resolve(this.#end)
  }
}

export type CoreEnded = {
  reason: 'CORE_DID_NOT_START' | 'CORE_ENDED' | 'CORE_STOPPED' | 'CORE_KILLED' | 'CORE_MALFORMED_ANSWER'
  exitCode: number | null
  signal: string | null
  /** What a Core that never answered wrote instead. */
  text?: string
}

/** A call that got no answer because Core is gone. */
export class CoreEndedError extends EnigmaError {
  override readonly name = 'CoreProcess.CoreEndedError'
  readonly code: CoreEnded['reason']
  /** Not one of Core's own numbers. */
  readonly number = 0

  constructor({ reason, exitCode, signal, text }: CoreEnded) {
    const said = text ? ` It wrote: ${text.trim()}` : ''
    super(`Core has ended: ${reason} (exit code ${exitCode}, signal ${signal}).${said}`, {
      hint: reason === 'CORE_DID_NOT_START' ? hintOf(text) : 'Launch it again and restore its sealed keys.',
    })
    this.code = reason
  }
}

/** Of the code among what a Core wrote that did not start. */
function hintOf(text = ''): string {
  const code = text.split('\n').find(isPlatformErrorCode)
  if (code) return PLATFORM_ERRORS[code].hint
  return 'Check its configuration, and that node_modules is a folder of its own and not a link.'
}
