/** The verifier in a real browser, built as a dApp's page would be. */
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Browser } from 'playwright-core'
import { build, preview } from 'vite'
import { launchChromium } from '../e2e/support/chromium.ts'
import { type Figure, median } from './figure.ts'
import type { Sample } from './page/main.ts'
import { intelSample, simulatedSample } from './samples.ts'

const ROOT = path.join(import.meta.dirname, 'page')
const COLD_PAGES = 9
const CACHED_QUOTES = 40

export async function measureInChromium(progress: (line: string) => void): Promise<Figure[]> {
  const browser = await launchChromium()
  if (!browser) {
    progress('no Chromium starts here: the browser’s figures are left out')
    return []
  }
  const outDir = path.join(tmpdir(), `enigma-bench-page-${process.pid}`)
  await build({ root: ROOT, configFile: false, logLevel: 'warn', build: { outDir, emptyOutDir: true } })
  const server = await preview({
    root: ROOT,
    configFile: false,
    build: { outDir },
    preview: { host: '127.0.0.1', port: 0 },
  })
  try {
    const url = server.resolvedUrls?.local[0] ?? ''
    progress(`Chromium ${browser.version()}: ${COLD_PAGES} fresh pages …`)
    const real = intelSample()
    const sample = real ?? simulatedSample(1)
    const cold: number[] = []
    for (let page = 0; page < COLD_PAGES; page++) cold.push(...(await inFreshPage(browser, url, sample)))
    progress(`Chromium: ${CACHED_QUOTES} quotes under one collateral …`)
    const [, ...cached] = await inFreshPage(browser, url, simulatedSample(CACHED_QUOTES))
    return [
      {
        name: 'quote in Chromium, cold',
        value: rounded(median(cold)),
        unit: 'ms',
        target: 100,
        better: 'lower',
        bound: `Eleven P-256 signatures in JavaScript that no engine has warmed up to; ${real ? 'a real SGX v3 quote with Intel’s collateral' : 'a simulated quote'}, the first thing a fresh page does.`,
      },
      {
        name: 'quote in Chromium, collateral cached',
        value: rounded(median(cached)),
        unit: 'ms',
        target: 15,
        better: 'lower',
      },
    ]
  } finally {
    await browser.close()
    await server.close()
  }
}

async function inFreshPage(browser: Browser, url: string, sample: Sample): Promise<number[]> {
  const page = await browser.newPage()
  try {
    await page.goto(url)
    await page.waitForFunction(() => typeof window.verifyAll === 'function')
    return await page.evaluate((sample) => window.verifyAll(sample), sample)
  } finally {
    await page.close()
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10
}
