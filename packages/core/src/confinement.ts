/**
 * With which command does a host start Core, so that it can reach nothing but its pipe?
 *
 * Node's permission model takes files, processes, workers and add-ons away; it has no switch for sockets in Node 24, so
 * the network goes with an empty namespace, where the system allows one. Node calls its model a seat belt and not a
 * sandbox: against a hostile host only a TEE helps, this keeps a mistake inside Core from becoming a leak.
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { codePackages } from './platform/measured-code.ts'

/** A program and what it is given. */
export type Command = { program: string; args: string[] }

const MAIN = join(import.meta.dirname, 'main.ts')
const TOOL_FOLDERS = ['/usr/bin', '/bin', '/usr/sbin', '/sbin']

/** What Core may hold: twice what the dearest task needs, so that a poison task ends Core and not its machine. */
const MAX_HEAP_MIB = 512

/** Runs `entry` (Core's own, unless a test looks at the confinement) with `rest` behind it. */
export function confinedCommand(entry: string = MAIN, ...rest: string[]): Command {
  const [program = process.execPath, ...args] = [...wrappers(), process.execPath, ...nodeFlags(), entry, ...rest]
  return { program, args }
}

/** Runs a program that brings a Core of its own, in an enclave or a virtual machine, to our pipe. */
export function broughtCommand(path: string): Command {
  const [program = path, ...args] = [...endsWithHost(), path]
  return { program, args }
}

function nodeFlags(): string[] {
  return [
    '--permission',
    ...readable().map((directory) => `--allow-fs-read=${directory}/*`),
    '--no-addons',
    '--disallow-code-generation-from-strings',
    // A signal must not open a debugger's port, nor a warning write text where only codes belong.
    '--disable-sigusr1',
    '--no-warnings',
    `--max-old-space-size=${MAX_HEAP_MIB}`,
  ]
}

/** Core's own code. In a workspace a package is a link: Node looks at the link and reads behind it. */
function readable(): string[] {
  return [...new Set(codePackages().flatMap(({ directory }) => [directory, realpathSync(directory)]))]
}

let known: string[] | undefined

/** Programs of util-linux that take something away and then become the next one: the process id stays the same. */
function wrappers(): string[] {
  known ??= [
    // First, since a process that changes its user namespace loses the parent-death signal.
    ...tool('unshare', ['--map-root-user', '--net', '--']),
    ...endsWithHost(),
    // A core dump would write every key to disk.
    ...tool('prlimit', ['--core=0', '--']),
  ]
  return known
}

/** The kernel ends Core with its host, even while it computes. */
function endsWithHost(): string[] {
  return tool('setpriv', ['--pdeathsig', 'KILL', '--no-new-privs', '--'])
}

/** The tool with its arguments if it is there and works here, else nothing. */
function tool(name: string, flags: string[]): string[] {
  const path = TOOL_FOLDERS.map((folder) => join(folder, name)).find(isExecutable)
  if (path === undefined) return []
  const { status } = spawnSync(path, [...flags, process.execPath, '--version'], { env: {}, stdio: 'ignore' })
  return status === 0 ? [path, ...flags] : []
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
