/** The health page: every process as it says itself, what is not as it should be and what to do, the disk, and the diagnostics. */
import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { showScheme, violationsOf } from './axe.ts'
import { chromiumPath, SIZES } from './chromium.ts'
import { type Designer, openDesigner } from './designer.ts'
import { shot } from './hands.ts'

describe.skipIf(!chromiumPath)('the health of the installation', () => {
  let designer: Designer
  let url: string
  beforeAll(async () => {
    designer = await openDesigner()
    url = designer.client.access.url
  }, 120_000)
  afterAll(() => designer?.close(), 30_000)

  it('shows every process with what it takes, the disk with its limits, and goes on by itself', async () => {
    const { page } = designer
    await page.goto(`${url}/settings#health`)
    await page.getByTestId('health-summary').waitFor()
    for (const name of ['launcher', 'gateway', 'runtime', 'connector-host', 'postgres']) {
      const line = page.getByTestId(`process-${name}`)
      await line.getByText('runs').waitFor()
      await expect.poll(() => line.innerText()).toMatch(/process \d+[\s\S]*\d+\.\d MB/)
    }
    await expect.poll(() => page.getByTestId('health-disk').innerText(), { timeout: 40_000 }).toMatch(/free on the disk of .*\n[\s\S]*Journals of machines/)
    const first = await page.locator('.health-summary').innerText()
    await expect.poll(() => page.locator('.health-summary').innerText()).not.toBe(first)
    expect(await page.locator('.health').getAttribute('data-stale')).toBeNull()
    for (const scheme of ['light', 'dark'] as const) {
      await showScheme(page, scheme)
      expect(await violationsOf(page)).toEqual([])
      await shot(page, `health-${scheme}`)
    }
    await page.setViewportSize(SIZES.phone)
    await shot(page, 'health-phone')
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true)
    await page.setViewportSize(SIZES.desktop)
  })

  it('says what is not as it should be, what it means and what to do, and stops saying so', async () => {
    const { page } = designer
    const runtime = async () => page.getByTestId('process-runtime').innerText()
    const before = await runtime()
    // a process that a person ends from outside
    process.kill(Number(/process (\d+)/.exec(before)?.[1]), 'SIGKILL')
    const finding = page.getByTestId('finding-process-restarted').filter({ hasText: 'Flow runtime' })
    await finding.getByText(/Flow runtime was started again .*SIGKILL/).waitFor({ timeout: 30_000 })
    await finding.getByText('What to do:').waitFor()
    await expect.poll(async () => /process (\d+)/.exec(await runtime())?.[1]).not.toBe(/process (\d+)/.exec(before)?.[1])
    await page
      .getByTestId('health-summary')
      .getByText(/to look at|not work/)
      .waitFor()
  })

  it('lets the limits be changed with a reason, and refuses what cannot be', async () => {
    const { page } = designer
    await page.getByTestId('change-space').click()
    await page.getByTestId('rule-journalDays').fill('45')
    await page.getByTestId('space-rule').getByRole('button', { name: 'Save' }).click()
    await page.getByText(/Older than 45 days/).waitFor()
    await page.getByTestId('sweep').click()
    await page.getByText(/there was nothing to delete|were deleted/).waitFor()
    await page.getByTestId('change-space').click()
    await page.getByRole('button', { name: 'Back to what is usual' }).click()
    await page.getByText(/Older than 30 days/).waitFor()
  })

  it('gives the diagnostics as a file', async () => {
    const { page } = designer
    const coming = page.waitForEvent('download')
    await page.getByTestId('get-diagnostics').click()
    const file = await coming
    expect(file.suggestedFilename()).toMatch(/^cellwright-diagnostics-[\d-]+\.tar\.gz$/)
    const tar = gunzipSync(await readFile(await file.path())).toString('latin1')
    expect(tar).toContain('READ IT BEFORE YOU SEND IT')
    expect(tar).toContain('cellwright-diagnostics/logs/gateway.log')
  })

  it('is greyed when there is no news, and not for who may not see the system', async () => {
    const { page } = designer
    await page.context().setOffline(true)
    try {
      await expect.poll(() => page.locator('.health').getAttribute('data-stale'), { timeout: 30_000 }).not.toBeNull()
      await page.getByText(/No news since/).waitFor()
    } finally {
      await page.context().setOffline(false)
    }
    const viewer = await designer.signIn({ name: 'Vera Viewer', role: 'viewer' })
    await viewer.page.goto(`${url}/settings#health`)
    await viewer.page.getByText('You may not see this').waitFor()
  })
})
