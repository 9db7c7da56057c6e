/** A Chromium to test pages in: the machine's own, else the one that npm brings. */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const INSTALLED = [process.env.CHROMIUM_PATH, '/usr/bin/chromium', '/usr/bin/google-chrome']
/** No sandbox, because tests may run as root; no background traffic, because tests stay on this machine. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Undefined where no Chromium starts: the one from npm needs libraries (libnss3) that not every system has. In CI it throws. */
export async function launchChromium(): Promise<Browser | undefined> {
  const installed = INSTALLED.find((path) => path && existsSync(path))
  const executablePath = installed ?? (await (await import('@sparticuz/chromium')).default.executablePath())
  return chromium.launch({ executablePath, args: ARGS }).catch((error: unknown) => {
    if (process.env.CI) throw error
    return undefined
  })
}
