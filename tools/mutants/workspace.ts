/**
 * A copy of the contracts with their tests, in which one mutant after the other is put into the artefacts and tested.
 *
 * The sources of the copy never change, so that Forge finds nothing to compile; the working tree is only read.
 */
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { readForgeReport } from '../forge-report.ts'
import type { Bytecode, Contract } from './project.ts'

export type Verdict = { failed: string | undefined }

type Artefact = {
  bytecode: { object: string }
  deployedBytecode: { object: string }
  metadata: { settings: { compilationTarget?: Record<string, string>; libraries?: unknown } }
}

const COPIED = [
  'foundry.toml',
  'contracts/src',
  'contracts/test',
  'contracts/snapshots',
  'contracts/out/fast',
  'contracts/out/fast-cache',
]
const LINKED = ['packages/protocol/vectors', 'packages/attestation/vectors', 'tools/solc.mjs']
/** What a loop without end may take before it counts as noticed. */
const TIMEOUT_MS = 300_000

export class Workspace {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
  }

  /** Copies the tree at `root`, with what Forge has built of it already. */
  static create(root: string, folder: string): Workspace {
    fs.rmSync(folder, { recursive: true, force: true })
    const examples = fs.globSync('examples/*/*.sol', { cwd: root })
    for (const name of [...COPIED, ...examples]) {
      const from = path.join(root, name)
      if (fs.existsSync(from)) fs.cpSync(from, path.join(folder, name), { recursive: true, preserveTimestamps: true })
    }
    for (const name of LINKED) {
      fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
      fs.symlinkSync(path.join(root, name), path.join(folder, name))
    }
    return new Workspace(folder)
  }

  /** A second copy of a built one. */
  copy(folder: string): Workspace {
    fs.rmSync(folder, { recursive: true, force: true })
    fs.cpSync(this.folder, folder, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
    return new Workspace(folder)
  }

  /** Compiles all; throws if it does not compile. */
  async build(): Promise<void> {
    const { code, output } = await this.#forge(['build'])
    if (code !== 0) throw new Error(`forge build failed:\n${output}`)
  }

  /** The compiler's settings that Forge used for a contract. */
  settings(contract: Contract): object {
    const { compilationTarget, libraries, ...settings } = this.#artefact(contract).metadata.settings
    return settings
  }

  bytecode(contract: Contract): Bytecode {
    const { bytecode, deployedBytecode } = this.#artefact(contract)
    const bare = (code: string) => code.replace(/^0x/, '')
    return { contract, creation: bare(bytecode.object), runtime: bare(deployedBytecode.object) }
  }

  install(bytecodes: readonly Bytecode[]): void {
    for (const { contract, creation, runtime } of bytecodes) {
      const artefact = this.#artefact(contract)
      artefact.bytecode.object = `0x${creation}`
      artefact.deployedBytecode.object = `0x${runtime}`
      fs.writeFileSync(this.#artefactFile(contract), JSON.stringify(artefact))
    }
  }

  /** Runs test files until the first failure. Answers which test that was. */
  async test(files: readonly string[]): Promise<Verdict> {
    fs.rmSync(path.join(this.folder, 'contracts/out/failures'), { recursive: true, force: true })
    const pattern = files.length === 1 ? `${files[0]}` : `{${files.join(',')}}`
    const args = ['test', '--match-path', pattern, '--fail-fast', '--junit']
    const { code, output, isTimeout } = await this.#forge(args)
    if (isTimeout) return { failed: 'no end in sight' }
    return { failed: firstFailure(output) ?? (code === 0 ? undefined : unreadable(output)) }
  }

  async #forge(args: readonly string[]): Promise<{ code: number | null; output: string; isTimeout: boolean }> {
    // A mutant may be longer than code may be: that is not what the tests are to find.
    const env = { ...process.env, FOUNDRY_PROFILE: 'default', FOUNDRY_CODE_SIZE_LIMIT: '1000000' }
    const forge = spawn(forgePath(), args, { cwd: this.folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const onExit = () => forge.kill('SIGKILL')
    process.once('exit', onExit)
    let output = ''
    let isTimeout = false
    forge.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    forge.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    const timer = setTimeout(() => {
      isTimeout = true
      forge.kill('SIGKILL')
    }, TIMEOUT_MS)
    const code = await new Promise<number | null>((resolve, reject) => forge.on('close', resolve).on('error', reject))
    clearTimeout(timer)
    process.off('exit', onExit)
    return { code, output, isTimeout }
  }

  #artefactFile({ file, name }: Contract): string {
    return path.join(this.folder, 'contracts/out/fast', path.basename(file), `${name}.json`)
  }

  #artefact(contract: Contract): Artefact {
    const artefact = JSON.parse(fs.readFileSync(this.#artefactFile(contract), 'utf8')) as Artefact
    if (artefact.metadata.settings.compilationTarget?.[contract.file] === contract.name) return artefact
    throw new Error(
      `${this.#artefactFile(contract)} is not of ${contract.file}: two files of one name hold a ${contract.name}.`,
    )
  }
}

/** npm brings Forge for Linux on x64; elsewhere one has installed it oneself. */
function forgePath(): string {
  const fromNpm = path.join(import.meta.dirname, '../../node_modules/@foundry-rs/forge-linux-amd64/bin/forge')
  return process.env.FORGE_BIN ?? (fs.existsSync(fromNpm) ? fromNpm : 'forge')
}

/** The first test that a report of `forge test --junit` calls failed, as `Seats.t.sol test_takeSeat…`. */
export function firstFailure(output: string): string | undefined {
  const [first] = readForgeReport(output).failures
  return first && `${path.basename(first.suite.split(':')[0] ?? '')} ${first.test.split('(')[0]}`
}

function unreadable(output: string): never {
  throw new Error(`forge test failed without saying which test:\n${output.slice(0, 2000)}`)
}
