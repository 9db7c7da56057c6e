import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { type Command, command } from './command.ts'
import { commands } from './commands/index.ts'
import { runProgram } from './program.ts'

/** Runs a command line and returns what it wrote and how it ended. */
async function run(args: readonly string[], table: readonly Command[] = commands) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const code = await runProgram(args, table, {
    streams: { stdout: stdout as never, stderr: stderr as never },
    cwd: '/nowhere',
    env: {},
    signal: new AbortController().signal,
    isTerminal: false,
  })
  return { code, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') }
}

const echo = command({
  name: 'say loud',
  summary: 'Says it.',
  positionals: [{ name: 'WORD', text: 'What to say.' }],
  options: { times: { type: 'integer', value: 'N', min: 1, max: 3, default: 1, text: 'How often.' } },
  load:
    async () =>
    async ({ times }, [word], { output }) => {
      output.say(`${word}`.repeat(times))
      output.answer({ word, times, big: 2n ** 64n })
      return 0
    },
})

describe('the command line', () => {
  test('runs a command of two words with options before, between and after them', async () => {
    for (const args of [
      ['say', 'loud', 'ho', '--times', '2'],
      ['--times=2', 'say', 'loud', 'ho'],
      ['say', '--times=2', 'loud', 'ho'],
    ]) {
      expect(await run(args, [echo])).toEqual({ code: 0, stdout: 'hoho\n', stderr: '' })
    }
  })

  test('--json answers with one object on one line of stdout, and sends text for people to stderr', async () => {
    const { code, stdout, stderr } = await run(['say', 'loud', 'ho', '--json'], [echo])
    expect([code, stderr]).toEqual([0, 'ho\n'])
    expect(stdout).toBe('{"word":"ho","times":1,"big":"18446744073709551616"}\n')
  })

  test('ends with 2 for a command, an option or an argument that does not exist, and suggests the nearest', async () => {
    expect(await run(['stauts'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('enigma status?'),
    })
    expect(await run(['up', '--worker', '3'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--workers?') })
    expect(await run(['worker'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('worker start or worker status'),
    })
    expect(await run(['down', 'now'])).toMatchObject({ code: 2 })
    expect(await run(['task', 'show', '0x12'])).toMatchObject({ code: 2 })
  })

  test('ends with 1 for a failure, and says with --json what failed', async () => {
    const { code, stdout } = await run(['status', '--json'])
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'NO_NETWORK', hint: expect.any(String) } })
  })

  test('without a command it shows the help and ends with 2; asked for help, with 0', async () => {
    expect((await run([])).code).toBe(2)
    const { code, stdout } = await run(['--help'])
    expect(code).toBe(0)
    for (const { name } of commands) expect(stdout).toContain(name)
  })

  test.each(commands.map(({ name, options }) => [name, Object.keys(options)] as const))(
    '%s --help names each of its options',
    async (name, options) => {
      const { code, stdout } = await run([...name.split(' '), '--help'])
      expect(code).toBe(0)
      for (const option of [...options, 'json', 'help']) expect(stdout).toContain(`--${option}`)
    },
  )

  test('writes no colour codes where the stream is no terminal', async () => {
    const colour = String.fromCharCode(27)
    expect((await run(['--help'])).stdout).not.toContain(colour)
    expect((await run(['nonsense'])).stderr).not.toContain(colour)
  })
})
