import { describe, expect, test } from 'vitest'
import { type OptionTable, parseArguments, UsageError } from './arguments.ts'

const TABLE = {
  workers: { type: 'integer', value: 'N', min: 1, max: 8, default: 3, text: 'How many.' },
  seat: { type: 'integer', value: 'SEAT', min: 0, max: 9, text: 'Which.' },
  root: { type: 'text', value: 'ROOT', choices: ['intel', 'simulated'], default: 'intel', text: 'Whose.' },
  file: { type: 'text', value: 'FILE', required: true, text: 'Which file.' },
  once: { type: 'flag', text: 'Ends at once.' },
} as const satisfies OptionTable

const FILE = ['--file', 'x.json']

function problemOf(args: readonly string[], positionals: Parameters<typeof parseArguments>[2] = []): UsageError {
  try {
    parseArguments(args, TABLE, positionals)
  } catch (error) {
    if (error instanceof UsageError) return error
    throw error
  }
  throw new Error('it was taken')
}

describe('parseArguments', () => {
  test('reads every kind of option, and fills in the defaults', () => {
    expect(parseArguments(FILE, TABLE).values).toEqual({
      workers: 3,
      seat: undefined,
      root: 'intel',
      file: 'x.json',
      once: false,
    })
    const { values } = parseArguments(['--workers=5', '--once', '--seat', '0', '--root', 'simulated', ...FILE], TABLE)
    expect(values).toEqual({ workers: 5, seat: 0, root: 'simulated', file: 'x.json', once: true })
  })

  test('suggests the nearest option for one that does not exist', () => {
    expect(problemOf(['--wrokers', '4', ...FILE])).toMatchObject({ code: 'USAGE', hint: 'Did you mean --workers?' })
    expect(problemOf(['--zzzzzzzzz', ...FILE]).hint).toBeUndefined()
  })

  test.each([['0'], ['9'], ['-1'], ['1.5'], ['1e0'], ['0x2'], [''], [' 3'], ['three']])(
    'refuses %j as a number from 1 to 8',
    (given) => {
      expect(problemOf([`--workers=${given}`, ...FILE]).message).toContain('--workers is a whole number from 1 to 8')
    },
  )

  test('refuses an option given twice, a flag with a value, and an option without one', () => {
    expect(problemOf(['--seat=1', '--seat=2', ...FILE]).message).toBe('--seat was given twice.')
    expect(problemOf(['--once=yes', ...FILE]).message).toBe('--once takes no value.')
    expect(problemOf([...FILE, '--seat']).message).toContain('--seat needs a value')
  })

  test('refuses a value that is not among the choices, and suggests one', () => {
    expect(problemOf(['--root', 'inetl', ...FILE]).hint).toBe('Did you mean intel?')
  })

  test('names an option that is needed and was left out', () => {
    expect(problemOf([]).message).toBe('--file FILE is needed: Which file.')
  })

  test('names a missing argument and refuses one too many', () => {
    const positionals = [{ name: 'TASK_ID', text: 'The task.' }]
    expect(problemOf(FILE, positionals).message).toBe('TASK_ID is missing: The task.')
    expect(problemOf([...FILE, 'a', 'b'], positionals).message).toBe('"b" is one argument too many.')
    expect(parseArguments([...FILE, 'a'], TABLE, positionals).positionals).toEqual(['a'])
  })
  test('takes any number of the last argument where there may be many, and negative ones after --', () => {
    const positionals = [
      { name: 'FUNCTION', text: 'Its name.' },
      { name: 'ARGUMENT', text: 'In order.', many: true },
    ] as const
    expect(parseArguments([...FILE, 'f'], TABLE, positionals).positionals).toEqual(['f'])
    expect(parseArguments(['f', '1', ...FILE, '--', '-2'], TABLE, positionals).positionals).toEqual(['f', '1', '-2'])
    expect(problemOf(FILE, positionals).message).toBe('FUNCTION is missing: Its name.')
  })
})
