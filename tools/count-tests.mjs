// A vitest reporter that leaves its counts, and the names of what failed, where tools/test.mjs adds up all runners.
import fs from 'node:fs'

export default class CountTests {
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0, failures: [] }
    for (const module of modules) {
      if (module.errors().length > 0) {
        counts.failed++
        counts.failures.push(`${module.relativeModuleId} does not load`)
      }
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        counts[state === 'passed' || state === 'failed' ? state : 'skipped']++
        if (state === 'failed') counts.failures.push(`${module.relativeModuleId} ${test.fullName}`)
      }
    }
    fs.mkdirSync('out', { recursive: true })
    fs.writeFileSync('out/vitest-counts.json', JSON.stringify(counts))
  }
}
