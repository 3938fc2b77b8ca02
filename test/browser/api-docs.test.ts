/** The API's documents as a programmer uses them: found, read, tried; what moves a machine is not sent from them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listAccounts, ROUTES } from '../../server/api/index.ts'
import { showScheme, violationsOf } from './axe.ts'
import { chromiumPath, SIZES } from './chromium.ts'
import { type Designer, openDesigner } from './designer.ts'
import { shot } from './hands.ts'

describe.skipIf(!chromiumPath)("the API's documents", () => {
  let designer: Designer
  let url: string
  beforeAll(async () => {
    designer = await openDesigner()
    url = designer.client.access.url
  }, 120_000)
  afterAll(() => designer?.close(), 30_000)

  it('list every route, and find one by words', async () => {
    const { page } = designer
    await page.goto(`${url}/settings`)
    await page.getByTestId('to-api').click()
    await expect.poll(() => page.locator('[data-testid^="op-"]').count()).toBe(ROUTES.length)
    await shot(page, 'api-docs')
    await page.getByTestId('api-search').fill('people lists')
    await page.getByTestId('op-listAccounts').click()
    await page.getByTestId('operation-title').getByText(listAccounts.summary).waitFor()
  })

  it('read at once, as who is signed in', async () => {
    const { page } = designer
    await page.goto(`${url}/api-docs#getMe`)
    await page.getByTestId('api-send').click()
    await page.getByTestId('api-answer').locator('h4').getByText('200').waitFor()
    await page.getByTestId('api-answer').getByText(designer.userName).first().waitFor()
    for (const scheme of ['light', 'dark'] as const) {
      await showScheme(page, scheme)
      expect(await violationsOf(page)).toEqual([])
      await shot(page, `api-docs-answer-${scheme}`)
    }
  })

  it('change something only after a second gesture, with a body made from its schema, and show why it was refused', async () => {
    const { page } = designer
    await page.goto(`${url}/api-docs#createToken`)
    const body = page.getByTestId('api-body')
    await expect.poll(async () => JSON.parse(await body.inputValue())).toMatchObject({ name: expect.any(String) })
    await expect.poll(() => page.getByTestId('api-send').isDisabled()).toBe(true)
    await body.fill('{ "name": ')
    await page.getByTestId('api-meant').check()
    await page.getByTestId('api-send').click()
    await page.getByText('not valid JSON').first().waitFor()
    await body.fill('{ "name": "" }')
    await page.getByTestId('api-meant').check()
    await page.getByTestId('api-send').click()
    await page.getByTestId('api-answer').locator('h4').getByText('400').waitFor()
    // meant once is not meant again
    await expect.poll(() => page.getByTestId('api-send').isDisabled()).toBe(true)
    await shot(page, 'api-docs-refused')
  })

  it('send nothing that moves a machine', async () => {
    const { page } = designer
    for (const id of ['actOnMachine', 'startProgram', 'pressButton', 'fireTrigger']) {
      await page.goto(`${url}/api-docs#${id}`)
      await page.getByTestId('operation-title').waitFor()
      await page.getByTestId('api-moves').waitFor()
      expect(await page.getByTestId('api-send').count()).toBe(0)
    }
    await shot(page, 'api-docs-moves')
  })

  it('fit a phone, and take a path parameter', async () => {
    const { page } = designer
    await page.setViewportSize(SIZES.phone)
    await page.goto(`${url}/api-docs#getMachine`)
    await page.getByTestId('api-value-machineId').fill('no-such-machine')
    await page.getByTestId('api-send').click()
    await page.getByTestId('api-answer').locator('h4').getByText('404').waitFor()
    await shot(page, 'api-docs-phone')
    await page.setViewportSize(SIZES.desktop)
    // what the page complained of are the refusals that were asked for
    expect(designer.complaints.filter((each) => !/40[04]/.test(each))).toEqual([])
  })
})
