import { expect, test } from 'vitest'
import { readForgeReport } from './forge-report.ts'

const XML = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="Test run" tests="4" failures="2" errors="0" time="0.001">
    <testsuite name="contracts/test/A.t.sol:ATest" tests="3" disabled="0" errors="0" failures="2" time="0.001">
        <testcase name="test_fails()" time="0.000">
            <failure message="a &lt; b &amp; &quot;c&quot;"/>
            <system-out>[FAIL: a &lt; b] test_fails() (gas: 279)</system-out>
        </testcase>
        <testcase name="test_failsWithoutAReason()" time="0.000">
            <failure/>
        </testcase>
        <testcase name="test_passes()" time="0.000">
            <system-out>[PASS] test_passes() (gas: 3131)</system-out>
        </testcase>
        <system-out>Suite result: FAILED. 1 passed; 2 failed; 0 skipped; finished in 1.16ms</system-out>
    </testsuite>
    <testsuite name="contracts/test/B.t.sol:BTest" tests="1" disabled="0" errors="0" failures="0" time="0.001">
        <testcase name="test_skips()" time="0.000">
            <skipped/>
        </testcase>
    </testsuite>
</testsuites>`

test('a report counts each test once, and says of what failed where and why', () => {
  expect(readForgeReport(XML)).toEqual({
    counts: { passed: 1, failed: 2, skipped: 1 },
    failures: [
      { suite: 'contracts/test/A.t.sol:ATest', test: 'test_fails()', reason: 'a < b & "c"' },
      { suite: 'contracts/test/A.t.sol:ATest', test: 'test_failsWithoutAReason()', reason: 'failed' },
    ],
  })
})
