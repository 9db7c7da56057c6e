import path from 'node:path'
import { build, type Rolldown } from 'vite'
import { expect, test } from 'vitest'

async function modulesOf(entry: string): Promise<string[]> {
  const { output } = (await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: false,
      rolldownOptions: {
        input: path.join(import.meta.dirname, entry),
        external: /^viem/,
        preserveEntrySignatures: 'strict',
      },
    },
  })) as Rolldown.RolldownOutput
  return output.flatMap((chunk) => (chunk.type === 'chunk' ? Object.keys(chunk.modules) : []))
}

const EVM = `${path.sep}packages${path.sep}evm${path.sep}`

test('a page that imports the client downloads no EVM; one that simulates does, and nothing of Node', async () => {
  expect((await modulesOf('../index.ts')).filter((id) => id.includes(EVM))).toEqual([])
  const simulating = await modulesOf('index.ts')
  expect(simulating.some((id) => id.includes(EVM))).toBe(true)
  expect(simulating.filter((id) => id.includes('node:') || id.includes('vite-browser-external'))).toEqual([])
})
