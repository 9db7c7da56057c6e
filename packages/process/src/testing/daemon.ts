/**
 * A daemon for the test of lifecycle.ts; behaves as its argument says.
 */
import { ConfigError } from '../config.ts'
import { runDaemon } from '../lifecycle.ts'

const how = process.argv[2]
if (how === 'late') await new Promise((resolve) => process.once('disconnect', resolve))
await runDaemon(async () => {
  if (how === 'refuse') throw new ConfigError(['--x: missing'])
  if (how === 'start-for-ever') await new Promise((resolve) => setInterval(resolve, 1 << 30))
  const keepAlive = setInterval(() => {}, 1 << 30)
  return {
    ready: { url: 'http://here' },
    finished: how === 'break' ? Promise.reject(new TypeError('canary')) : new Promise<void>(() => {}),
    stop: async () => clearInterval(keepAlive),
  }
})
