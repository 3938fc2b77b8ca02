/** Back-ups in the settings, by hand: made with a passphrase that is typed twice, read again, deleted by a second word. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deleteBackup, getBackups, setBackupPlan } from '../../server/api/index.ts'
import { showScheme, violationsOf } from './axe.ts'
import { chromiumPath, SIZES } from './chromium.ts'
import { type Designer, openDesigner } from './designer.ts'
import { shot } from './hands.ts'

const WORDS = 'six words that nobody else knows'

describe.skipIf(!chromiumPath)('back-ups', { timeout: 120_000 }, () => {
  let designer: Designer
  beforeAll(async () => {
    designer = await openDesigner()
    await designer.page.goto(`${designer.client.access.url}/settings#backup`)
  }, 120_000)
  afterAll(async () => {
    const { client } = designer
    const { files, plan } = await client.call(getBackups, {})
    for (const { name } of files) await client.call(deleteBackup, { params: { name } })
    const { atTime, keepDaily, keepWeekly, keepMonthly } = plan
    if (plan.isOn) await client.call(setBackupPlan, { body: { isOn: false, atTime, keepDaily, keepWeekly, keepMonthly, place: { kind: 'kept' } } })
    await designer.close()
  }, 60_000)

  it('are made with a passphrase that is typed twice the same, and read again', async () => {
    const { page } = designer
    const make = page.getByTestId('backup-make')
    await page.getByTestId('backup-passphrase').fill(WORDS)
    await expect.poll(() => make.isDisabled()).toBe(true)
    await page.getByTestId('backup-passphrase-again').fill('six wrods')
    await page.getByText('This is another one than the first').waitFor()
    await expect.poll(() => make.isDisabled()).toBe(true)
    await page.getByTestId('backup-passphrase-again').fill(WORDS)
    await make.click()
    const file = page.getByTestId('backup-file')
    await file.getByText('read again').waitFor({ timeout: 90_000 })
    // nobody can look over a shoulder afterwards
    await expect.poll(() => page.getByTestId('backup-passphrase').inputValue()).toBe('')
    for (const scheme of ['light', 'dark'] as const) {
      await showScheme(page, scheme)
      expect(await violationsOf(page)).toEqual([])
      await shot(page, `backup-${scheme}`)
    }
  })

  it('say that a passphrase is not theirs, where it was asked', async () => {
    const { page } = designer
    const file = page.getByTestId('backup-file')
    await file.getByTestId('backup-check').click()
    await page.getByTestId('backup-check-passphrase').fill('some other words of somebody')
    await page.getByTestId('backup-check-now').click()
    await file
      .getByText(/passphrase/i)
      .last()
      .waitFor()
    await expect.poll(() => file.getByTestId('backup-check').isEnabled(), { timeout: 60_000 }).toBe(true)
    await expect.poll(() => file.textContent(), { timeout: 60_000 }).toMatch(/not.*passphrase|passphrase.*(not|wrong|another)/i)
    await page.setViewportSize(SIZES.phone)
    await shot(page, 'backup-phone')
    await page.setViewportSize(SIZES.desktop)
  })

  it('are deleted by a second word, and not by one', async () => {
    const { page } = designer
    const file = page.getByTestId('backup-file')
    await file.getByTestId('backup-delete').click()
    await file.getByText('It cannot be brought back').waitFor()
    await file.getByRole('button', { name: 'Keep it' }).click()
    await file.getByTestId('backup-delete').click()
    await file.getByTestId('backup-delete-now').click()
    await expect.poll(() => file.count()).toBe(0)
  })

  it('by themselves ask for a passphrase that can be used', async () => {
    const { page } = designer
    await page.getByTestId('backup-on').check({ force: true })
    await page.getByTestId('backup-plan-passphrase').fill('short')
    await page.getByTestId('backup-save').click()
    await page.getByTestId('backup-told').getByText('at least 12 characters').waitFor()
    await page.getByTestId('backup-plan-passphrase').fill(WORDS)
    await page.getByTestId('backup-plan-passphrase-again').fill(WORDS)
    await page.getByTestId('backup-save').click()
    await page.getByTestId('backup-told').getByText('The next one').waitFor()
  })

  it('a place that does not answer is asked once, and it is seen that it is waited for', async () => {
    const { page } = designer
    await page.getByTestId('backup-place').selectOption('folder')
    let asked = 0
    const answer = Promise.withResolvers<void>()
    await page.route('**/api/backups/test', async (route) => {
      asked += 1
      await answer.promise
      await route.fulfill({ json: { isFine: false, code: 'place-folder', text: 'There is no such folder.' } })
    })
    const test = page.getByTestId('backup-test')
    await test.click()
    await expect.poll(() => test.isDisabled()).toBe(true)
    await test.click({ force: true })
    await expect.poll(() => page.getByTestId('backup-save').isDisabled()).toBe(true)
    answer.resolve()
    await page.getByTestId('backup-told').getByText('There is no such folder.').waitFor()
    await expect.poll(() => test.isEnabled()).toBe(true)
    expect(asked).toBe(1)
    await page.unroute('**/api/backups/test')
  })
})
