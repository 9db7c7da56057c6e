import { EnigmaError } from '@enigma/protocol'
import { expect, test } from 'vitest'
import { codeOf, createLogger, type LogFields } from './log.ts'

function linesOf(log: (logger: ReturnType<typeof createLogger>) => void): string[] {
  const lines: string[] = []
  log(createLogger('test', { write: (line) => lines.push(line) }))
  return lines
}

test('a line is one JSON object with time, level, component and event', () => {
  const [line] = linesOf((log) => log.info('settled', { block: 12n, delivered: true }))
  expect(JSON.parse(line as string)).toMatchObject({
    level: 'info',
    component: 'test',
    event: 'settled',
    block: 12,
    delivered: true,
  })
  expect(line).not.toContain('\n')
})

test('S21: fields that are not on the list are dropped', () => {
  const hostile = {
    inputs: '0xdeadbeef',
    privateKey: 'canary',
    message: 'canary',
    __proto__: { a: 1 },
    constructor: 'canary',
  }
  const [line] = linesOf((log) => log.info('seen', hostile as LogFields))
  expect(line).not.toMatch(/canary|deadbeef/)
})

test('S21: a field whose value is not of its kind is dropped', () => {
  const canary = 'the salary is 52000'
  const fields = {
    code: canary,
    reason: canary,
    taskId: canary,
    dApp: canary,
    block: canary,
    url: canary,
    state: { canary },
  }
  const [line] = linesOf((log) => log.error('failed', fields))
  expect(line).not.toContain('salary')
  const [event] = linesOf((log) => log.info(canary))
  expect(event).not.toContain('salary')
})

test('S21: 32 bytes are cut to eight digits, so that no key passes for a hash', () => {
  const [line] = linesOf((log) =>
    log.info('seen', { taskId: `0x${'ab'.repeat(32)}`, networkHash: `0x${'cd'.repeat(32)}` }),
  )
  expect(JSON.parse(line as string)).toMatchObject({ taskId: '0xabababab', networkHash: '0xcdcdcdcd' })
})

test('S21: of a URL only the host is shown', () => {
  const [line] = linesOf((log) => log.info('seen', { rpc: 'https://user:secret@rpc.example/v3/apikey?token=canary' }))
  expect(JSON.parse(line as string).rpc).toBe('rpc.example')
  expect(line).not.toMatch(/secret|apikey|canary/)
})

test('of an error only its code is told', () => {
  class Refused extends EnigmaError {
    readonly code = 'REFUSED'
  }
  expect(codeOf(new Refused('with canary'))).toBe('REFUSED')
  expect(codeOf(new TypeError('with canary'))).toBe('TypeError')
  expect(codeOf('canary')).toBe('UNKNOWN')
})
