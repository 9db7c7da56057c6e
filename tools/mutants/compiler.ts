/** The Solidity compiler, one compilation at a time, in a thread of its own. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Node } from './syntax.ts'

/** What the compiler answers, as far as mutants need it. */
export type Answer = {
  errors?: { severity: string; formattedMessage: string }[]
  sources?: Record<string, { ast: Node }>
  contracts?: Record<
    string,
    Record<string, { evm?: { bytecode?: { object: string }; deployedBytecode?: { object: string } } }>
  >
}

export class Compiler {
  readonly #thread = new Worker(new URL('./compiler-thread.mjs', import.meta.url))
  #last: Promise<unknown> = Promise.resolve()

  /** Compiles `sources`, texts by path, with the settings of the compiler's standard JSON. */
  compile(sources: ReadonlyMap<string, string>, settings: object): Promise<Answer> {
    const answer = this.#last.then(() => this.#ask(sources, settings))
    this.#last = answer.catch(() => undefined)
    return answer
  }

  stop(): Promise<unknown> {
    return this.#thread.terminate()
  }

  async #ask(sources: ReadonlyMap<string, string>, settings: object): Promise<Answer> {
    const contents = [...sources].map(([file, content]) => [file, { content }])
    const answer = once(this.#thread, 'message')
    this.#thread.postMessage(JSON.stringify({ language: 'Solidity', sources: Object.fromEntries(contents), settings }))
    const [output] = await answer
    return JSON.parse(output) as Answer
  }
}

/** The compiler's messages of what is wrong, without its warnings. */
export function errorsOf({ errors = [] }: Answer): string[] {
  return errors.filter(({ severity }) => severity === 'error').map(({ formattedMessage }) => formattedMessage)
}
