/** Nonconformance as two people work on it: reported, contained, proposed by one, approved by the other, followed by a CAPA. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { showScheme, violationsOf } from './axe.ts'
import { chromiumPath, SIZES } from './chromium.ts'
import { type Designer, openDesigner } from './designer.ts'
import { shot } from './hands.ts'

describe.skipIf(!chromiumPath)('documents of quality', () => {
  let designer: Designer
  beforeAll(async () => {
    designer = await openDesigner({ name: 'Nora Quast', role: 'engineer' })
  }, 120_000)
  afterAll(() => designer?.close())

  const open = (page: Page, place: string) => page.goto(`${designer.client.access.url}/quality#${place}`)

  it('takes a report from the first word to a disposition that a second person approved, and to a CAPA', async () => {
    const { page } = designer
    await open(page, 'nonconformance')
    await page.getByTestId('ncr-add').click()
    const title = `Bore too large ${Date.now()}`
    await page.getByTestId('new-title').fill(title)
    await page.getByTestId('new-part').fill('P-4711')
    await page.getByTestId('new-severity').selectOption('major')
    await page.getByTestId('new-quantity').fill('3')
    await page.getByTestId('new-open').click()
    const number = await page.getByTestId('document-number').innerText()
    expect(number).toMatch(/^NCR-\d{4}-\d{4}$/)

    // what is missing goes from the list as it is written, before anything is saved
    await page.getByTestId('lacks').getByText('What was found').waitFor()
    await page.getByTestId('field-found').fill('12.06 mm')
    await page.getByTestId('lacks').getByText('What was found').waitFor({ state: 'detached' })
    await page.getByTestId('field-containment').fill('in the red box')
    await page.getByTestId('move-contain').click()
    await page.locator('[data-testid="document"][data-state="contained"]').waitFor()
    await page.getByTestId('field-requirement').fill('12 +0.02/-0.02 mm')
    await page.getByTestId('disposition-add').click()
    await page.getByTestId('disposition-0-what').selectOption('scrap')
    await page.getByTestId('move-propose').click()
    await page.locator('[data-testid="document"][data-state="proposed"]').waitFor()
    expect(await page.getByTestId('move-approve').isDisabled()).toBe(true)
    await page.getByTestId('may-not').getByText('a second person decides').waitFor()
    await page.getByTestId('field-found').and(page.locator('[readonly]')).waitFor()
    await shot(page, 'ncr-proposed')
    expect(await violationsOf(page)).toEqual([])

    // the second person finds it on the board
    const { page: other, complaints } = await designer.signIn({ name: 'Ben Kraus', role: 'engineer', context: { viewport: SIZES.tablet } })
    await open(other, 'nonconformance')
    await showScheme(other, 'dark')
    const card = other.getByTestId('column-proposed').getByTestId(`card-${number}`)
    await card.waitFor()
    await shot(other, 'ncr-board')
    expect(await violationsOf(other)).toEqual([])
    await card.click()
    await other.getByTestId('move-approve').click()
    await other.locator('[data-testid="document"][data-state="disposed"]').waitFor()
    await other.getByTestId('decisions').getByText('Ben Kraus').waitFor()
    await shot(other, 'ncr-tablet')
    expect(complaints).toEqual([])

    // what he did is there without asking; a CAPA takes the report as its evidence
    await page.locator('[data-testid="document"][data-state="disposed"]').waitFor()
    await page.getByTestId('follow-capa').click()
    await page
      .getByTestId('document-number')
      .getByText(/^CAPA-\d{4}-\d{4}$/)
      .waitFor()
    await page.getByRole('link', { name: `${number} ${title}` }).waitFor()
    await page.getByTestId('field-problem').fill('Bores grow over the day')
    await page.getByTestId('actions-add').click()
    await page.getByTestId('actions-0-what').fill('New boring bar')
    await page.getByTestId('actions-0-owner').fill('Carla')
    await page.getByTestId('actions-0-due').fill('2020-01-31')
    await page.getByTestId('document-save').click()
    await page.getByTestId('revision-2').waitFor()
    await page.getByTestId('compare-2').click()
    await page.getByTestId('document-diff').getByText('Bores grow over the day').waitFor()
    await page.keyboard.press('Escape')
    await shot(page, 'capa')
    expect(await violationsOf(page)).toEqual([])

    // late work stands under what is to be done
    await open(page, 'documents/due')
    await page.getByTestId('due-list').getByRole('listitem').filter({ hasText: 'New boring bar' }).getByText('overdue').waitFor()
    await open(page, 'documents')
    await page.getByTestId('documents-search').fill(title)
    await page.getByTestId(`document-${number}`).waitFor()
    await shot(page, 'documents')
    expect(await violationsOf(page)).toEqual([])
    expect(designer.complaints).toEqual([])
  })
})
