import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { commands } from './commands/index.ts'
import { MANUAL, withCommands } from './manual.ts'

test('docs/cli.md says of every command what its table says (node packages/cli/src/manual.ts writes it anew)', () => {
  const page = readFileSync(MANUAL, 'utf8')
  expect(page).toBe(withCommands(page, commands))
  for (const { name } of commands) expect(page).toContain(`### enigma ${name}`)
})
