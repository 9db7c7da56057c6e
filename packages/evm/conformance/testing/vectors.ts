/** Official test files, where a machine has them: they are other people's and not in this repository. */
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = process.env.ENIGMA_VECTORS ?? fileURLToPath(new URL('../../../../../shared/vectors', import.meta.url))
const folder = path.join(root, 'evm')

/** Empty where there are none; a test says so. */
export const suites: readonly string[] = fs.existsSync(folder)
  ? fs
      .readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => path.join(folder, name))
  : []

export const whereVectorsBelong = `ENIGMA_VECTORS=<folder with evm/>, not found at ${root}`
