/** Flows become templates: what is asked is marked, a secret keeps it from being made, the next version goes on from the last. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { getTemplate, getTemplateFile, putFlowTest, removeFlowTest, removeTemplate } from '../../server/api/index.ts'
import { violationsOf } from './axe.ts'
import { type Designer, node, openDesigner } from './designer.ts'
import { drawn, runCommand, shot } from './hands.ts'

let designer: Designer

const flows = [
  { id: 'tab', type: 'tab', label: 'Ask the meter', disabled: false, info: '', env: [] },
  node('begin', 'cw-emit', 160, 100, ['hold'], { event: 'ask the meter' }),
  node('hold', 'delay', 400, 100, ['ask'], {
    pauseType: 'delay',
    timeout: '5',
    timeoutUnits: 'seconds',
    rate: '1',
    nbRateUnits: '1',
    rateUnits: 'second',
    randomFirst: '1',
    randomLast: '5',
    randomUnits: 'seconds',
    drop: false,
    allowrate: false,
    outputs: 1,
  }),
  node('ask', 'http request', 640, 100, [], {
    method: 'GET',
    ret: 'txt',
    url: 'https://meter:hunter22@meter.example/kwh',
    tls: '',
    proxy: '',
    persist: false,
    insecureHTTPParser: false,
    authType: '',
    senderr: false,
    headers: [],
    paytoqs: 'ignore',
  }),
]

beforeAll(async () => {
  designer = await openDesigner({ flows })
  await designer.client.call(putFlowTest, {
    params: { testId: 'meter_asked' },
    body: {
      name: 'it is asked',
      flowId: 'tab',
      steps: [{ do: 'give', nodeId: 'begin', message: { payload: 1 } }],
      answers: { ask: [{ from: 'given', value: 'x' }] },
      expect: [{ kind: 'message', from: 'hold', port: 0 }],
    },
  })
})
afterAll(async () => {
  // the product is lent to others, whose flows may have the same ids
  await designer?.client.call(removeFlowTest, { params: { testId: 'meter_asked' } }).catch(() => {})
  await designer?.client.call(removeTemplate, { params: { templateId: 'energy-meter' }, query: {} }).catch(() => {})
  await designer?.close()
})

describe('saving as a template', () => {
  it('refuses a secret with its place, and asks for it at the import instead', async () => {
    const { page } = designer
    await page.getByTestId('node-hold').waitFor()
    await runCommand(page, 'Save as template')
    const dialog = page.getByTestId('export-template')
    await dialog.getByTestId('export-secrets').getByText('"ask" (http request), url').waitFor()
    await drawn(page)
    await shot(page, 'template-export-secret')
    expect(await violationsOf(page)).toEqual([])
    await expect.poll(() => dialog.getByTestId('export-save').isDisabled()).toBe(true)
    await dialog.getByTestId('export-ask-secret').click()
    await dialog.getByTestId('export-secrets').waitFor({ state: 'detached' })
  })

  it('marks properties as parameters, and says what is still missing', async () => {
    const { page } = designer
    const dialog = page.getByTestId('export-template')
    await dialog.getByTestId('export-add-parameter').click()
    await page.keyboard.type('timeout 5')
    await page.getByRole('option', { name: 'timeout: 5' }).click()
    await dialog.getByTestId('export-title-timeout').fill('Wait before asking')
    await dialog.getByTestId('export-kind-timeout').click()
    await page.getByRole('option', { name: 'number', exact: true }).click()
    await dialog.getByTestId('export-unit-timeout').fill('s')
    await dialog.getByTestId('export-save').click()
    await dialog.getByTestId('export-failure').waitFor()
    await dialog.getByText('Say in a sentence what it does.').waitFor()
    await dialog.getByTestId('export-name').fill('Energy meter')
    await dialog.getByTestId('export-summary').fill('Asks the energy meter for its reading.')
    await dialog.getByTestId('export-category-energy').check()
    await dialog.locator('input[type="file"]').setInputFiles({ name: 'The meter.png', mimeType: 'image/png', buffer: await page.screenshot() })
    await dialog.getByRole('button', { name: /the-meter\.png/ }).waitFor()
    await drawn(page)
    await shot(page, 'template-export-filled')
    expect(await violationsOf(page)).toEqual([])
    await dialog.getByTestId('export-save').click()
    await page.getByTestId('export-saved').getByText('Energy meter 1.0.0 is in the gallery').waitFor()
    // as it was given
    await expect
      .poll(() =>
        page
          .getByTestId('export-saved')
          .locator('img')
          .evaluate((picture: HTMLImageElement) => picture.naturalWidth),
      )
      .toBeGreaterThan(1000)
    await page.getByTestId('share-link').click()
    await page.getByTestId('share-link-url').waitFor()
    await shot(page, 'template-export-saved')
    expect(await violationsOf(page)).toEqual([])
  })

  it('is given to other shops by a link, which opens without signing in, and only whole', async () => {
    const { page } = designer
    const link = await page.getByTestId('share-link-url').inputValue()
    const answer = await fetch(link)
    expect(answer.headers.get('content-disposition')).toContain('energy-meter-1.0.0.cwt')
    expect(Buffer.from(await answer.arrayBuffer()).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]))
    expect((await fetch(link.slice(0, -1))).status).toBe(404)
    expect((await fetch(link.replace('1.0.0', '1.0.1'))).status).toBe(404)
  })

  it('takes the tests along, signs, and can be downloaded', async () => {
    const { page, client } = designer
    const made = await client.call(getTemplate, { params: { templateId: 'energy-meter' } })
    expect(made).toMatchObject({ version: '1.0.0', signer: { state: 'ours' }, takes: 'flows.code', categories: ['energy'], parameters: { required: ['url'] } })
    expect(made.parameters.properties).toMatchObject({
      url: { widget: 'text' },
      timeout: { title: 'Wait before asking', type: 'number', unit: 's', default: 5 },
    })
    expect(made.flow.find(({ id }) => id === 'hold')).toMatchObject({ timeout: '{{text timeout}}' })
    expect(made.testCases.map(({ name }) => name)).toEqual(['it is asked'])
    expect(JSON.stringify(made)).not.toContain('hunter22')
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('export-download').click()])
    expect(download.suggestedFilename()).toBe('energy-meter.cwt')
    const file = await readFile(await download.path())
    expect(file.subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]))
    expect(getTemplateFile.path).toContain('/file')
    await page.keyboard.press('Escape')
  })

  it('goes on from the last version, with all that was said', async () => {
    const { page, client } = designer
    await page.getByTestId('node-hold').click()
    await runCommand(page, 'Save as template')
    const dialog = page.getByTestId('export-template')
    await dialog.getByTestId('export-earlier').getByText('Energy meter, now 1.0.1').waitFor()
    await expect.poll(() => dialog.getByTestId('export-summary').inputValue()).toBe('Asks the energy meter for its reading.')
    await drawn(page)
    await shot(page, 'template-export-again')
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await page.getByTestId('canvas').focus()
    await page.keyboard.press('Control+a')
    await runCommand(page, 'Save as template')
    await dialog.getByTestId('export-earlier').waitFor()
    await dialog.getByTestId('export-parameter-timeout').waitFor()
    await dialog.getByTestId('export-save').click()
    await page.getByTestId('export-saved').getByText('Energy meter 1.0.1 is in the gallery').waitFor()
    expect((await client.call(getTemplate, { params: { templateId: 'energy-meter' } })).versions).toEqual(['1.0.1', '1.0.0'])
    await page.getByTestId('export-gallery').click()
    await page.getByTestId('template-detail').getByText('Signed by this shop').waitFor()
    expect(designer.complaints).toEqual([])
  })
})
