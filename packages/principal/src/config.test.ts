import { readFileSync } from 'node:fs'
import { helpText, markdownTable } from '@enigma/process'
import { expect, test } from 'vitest'
import { principalTable } from './config.ts'

test('docs/running-a-node.md says of every option what the table says', () => {
  const page = readFileSync(new URL('../../../docs/running-a-node.md', import.meta.url), 'utf8')
  expect(page).toContain(markdownTable(principalTable))
})

test('every option has a sentence and a default that it accepts', () => {
  for (const option of Object.values(principalTable)) {
    expect(option.sentence).toMatch(/^[A-Z].*\.$/)
    if ('default' in option && option.default !== undefined)
      expect(() => option.parse(option.default as string)).not.toThrow()
  }
  expect(helpText('x', principalTable)).toContain('--operator-key-file')
})
