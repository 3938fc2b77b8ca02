/** Drafts, the check before a deploy, two people on the same flows, and versions, as people use them. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FlowNode, listVersions } from '../../server/api/index.ts'
import { until } from '../product.ts'
import { violationsOf } from './axe.ts'
import { chromiumPath } from './chromium.ts'
import { type Designer, node, openDesigner } from './designer.ts'
import { PASSWORD, shot } from './hands.ts'

const FLOW: FlowNode[] = [
  { id: 'tab', type: 'tab', label: 'Cell' },
  node('begin', 'inject', 200, 200, ['set'], { props: [{ p: 'payload' }], payload: '', payloadType: 'date', repeat: '', once: false }),
  node('set', 'cw-button', 440, 200, ['show'], { label: 'Go on', says: 'Shows the time.', color: 'normal', whenEmpty: 'Nothing waits', asks: [] }),
  node('show', 'debug', 700, 200, [], { active: true, tosidebar: true, complete: 'payload', targetType: 'msg' }),
  { id: 'mill', type: 'cw-machine', machineId: 'mill-1' },
]

describe.skipIf(!chromiumPath)('drafts and deploys in the designer (needs Chromium or Chrome)', { timeout: 60_000 }, () => {
  let designer: Designer
  let complaints: string[]
  let page: Page
  /** Of this area: the frame around it has tests of its own. */
  const violations = () => violationsOf(page, undefined, ['.compare-bar', '.mantine-Modal-content', '.designer-side', '.deploy', '.people', '.draft-pill'])
  const newest = async () => (await designer.client.call(listVersions, { query: { limit: 1 } }))[0]
  /** By keyboard: opens the node's form, gives it another name, closes the form. */
  async function rename(of: Page, id: string, name: string) {
    await of.getByTestId(`node-${id}`).click()
    await of.keyboard.press('Enter')
    await of.getByTestId('field-name').fill(name)
    await of.getByTestId('config-done').click()
    await of.getByTestId(`node-${id}`).getByText(name).waitFor()
  }
  const saved = (of: Page) => of.locator('[data-testid="draft"][data-state="saved"]').waitFor()
  const isDone = (of: Page) => of.locator('[data-testid="deploy"][data-state="done"]').waitFor()

  beforeAll(async () => {
    designer = await openDesigner({ flows: FLOW })
    ;({ page, complaints } = designer)
    await page.getByTestId('node-set').waitFor()
  }, 120_000)
  afterAll(() => designer?.close())

  it('keeps what is drawn as a draft over a reload, and shows how it differs from what runs', async () => {
    await rename(page, 'set', 'drawn')
    await page.getByTestId('node-show').click()
    await page.keyboard.press('Delete')
    await page.getByTestId('node-show').waitFor({ state: 'detached' })
    await saved(page)
    await page.reload()
    await page.getByTestId('draft-back').waitFor()
    await page.getByTestId('node-set').getByText('drawn').waitFor()
    await page.getByTestId('node-show').waitFor({ state: 'detached' })
    expect((await designer.nodeOf('set'))?.name).toBe('set')
    await page.getByTestId('draft-back-show').click()
    await expect.poll(() => page.getByTestId('compare-against').inputValue()).toBe('What runs')
    await expect.poll(() => page.getByTestId('compare-shown').inputValue()).toBe('What is drawn')
    await page.locator('[data-testid="node-set"] .flow-node-mark-diff-changed').waitFor()
    await page.getByTestId('compare-next').click()
    await page.getByTestId('compare-count').getByText('1 of 2').waitFor()
    await shot(page, 'deploy-compare')
    expect(await violations()).toEqual([])
    await page.getByTestId('compare-end').click()
    await page.getByTestId('undo').click()
  })

  it('lists what was checked, and asks before a machine moves by itself', async () => {
    await page.getByTestId('draft').waitFor({ state: 'detached' })
    const jog = node('jog', 'cw-jog', 700, 320, [], { machine: 'mill', mode: 'by', x: '1', xType: 'num', feedMmPerMin: 100 })
    const clock = node('clock', 'inject', 440, 320, ['jog'], { props: [], repeat: '3600', once: false })
    const text = JSON.stringify([clock, jog])
    await page.getByTestId('canvas').focus()
    await page.evaluate((flow) => {
      const data = new DataTransfer()
      data.setData('text/plain', flow)
      document.activeElement?.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }))
    }, text)
    await page.getByText('jog', { exact: true }).first().waitFor()
    await page.getByTestId('deploy').click()
    await page.getByTestId('review').waitFor()
    await page.locator('[data-testid="check-motion"][data-state="confirm"]').waitFor()
    await shot(page, 'deploy-review')
    expect(await violations()).toEqual([])
  })

  it('deploys nothing before that is confirmed; a deploy’s reason stands in the versions', async () => {
    const before = (await newest())?.id
    await page.getByTestId('review-deploy').click({ force: true })
    expect((await newest())?.id).toBe(before)
    const settings = await page.getByTestId('check-settings').getAttribute('data-state')
    await page.getByTestId('review-cancel').click()
    await page.getByTestId('review').waitFor({ state: 'detached' })
    expect(['good', 'blocks']).toContain(settings)
    await page.getByTestId('draft').click()
    await page.getByTestId('draft-discard').click()
    await rename(page, 'set', 'two')
    await page.getByTestId('deploy-options').click()
    await page.getByTestId('deploy-review').click()
    await page.getByTestId('review-why').fill('the second setting')
    await page.keyboard.press('Control+Enter')
    await isDone(page)
    expect(await newest()).toMatchObject({ comment: 'the second setting', author: 'Anna Arens', kind: 'nodes' })
    await page.getByTestId('versions').click()
    await page.getByText('the second setting').first().waitFor()
    await shot(page, 'deploy-versions')
    expect(await violations()).toEqual([])
  })

  it('compares two versions that are neither drawn nor running: both sides are chosen, as a list and drawn', async () => {
    const [newer, older] = await designer.client.call(listVersions, { query: { limit: 2 } })
    await page.getByTestId(`compare-${older?.id}`).click()
    const bar = page.getByTestId('compare')
    await bar.waitFor()
    await page.getByTestId('compare-shown').click()
    await page.getByRole('option', { name: /the second setting/ }).click()
    const picture = page.getByTestId('compare-picture')
    await picture.locator('[data-testid="node-set"] .flow-node-mark-diff-changed').waitFor()
    await page.getByTestId('compare-list').click()
    await page.getByTestId('compare-differences').getByTestId('diff-set').waitFor()
    await shot(page, 'deploy-versions-compared')
    expect(await violations()).toEqual([])
    // it is to be looked at: nothing of the drawing changes, however one pulls
    const box = (await picture.getByTestId('node-set').boundingBox())!
    await page.mouse.move(box.x + 20, box.y + 12)
    await page.mouse.down()
    await page.mouse.move(box.x + 120, box.y + 90, { steps: 4 })
    await page.mouse.up()
    await page.keyboard.press('Delete')
    // the other way round
    await page.getByTestId('compare-against').click()
    await page.getByRole('option', { name: /the second setting/ }).click()
    await page.getByTestId('compare-count').getByText('no differences').waitFor()
    await page.getByTestId('compare-end').click()
    await picture.waitFor({ state: 'detached' })
    await page.getByTestId('node-set').waitFor()
    await page.locator('[data-testid="deploy"][aria-disabled="true"]').waitFor()
    expect((await newest())?.id).toBe(newer?.id)
  })

  it('brings an earlier version back as a draft, which undo takes away', async () => {
    const [, first] = await designer.client.call(listVersions, { query: { limit: 2 } })
    await page.getByTestId(`restore-${first?.id}`).click()
    await page.getByTestId('compare').waitFor()
    await shot(page, 'deploy-restored')
    await page.getByTestId('node-set').getByText('set').waitFor()
    expect((await designer.nodeOf('set'))?.name).toBe('two')
    await page.getByTestId('compare-end').click()
    await page.getByTestId('undo').click()
    await page.getByTestId('node-set').getByText('two').waitFor()
  })

  it('loses nothing when the session ends: the same person signs in again on the page, and what waited goes on', async () => {
    const seen = complaints.length
    await page.getByTestId('node-set').click()
    await page.keyboard.press('Enter')
    await page.getByTestId('field-name').fill('typed before the end')
    await designer.context.clearCookies()
    // the draft that is kept in the background may meet the end of the session first: then the press comes after it
    const done = page.getByTestId('config-done').click()
    done.catch(() => {}) // awaited below
    await page.getByTestId('sign-in-again').waitFor()
    expect(await violationsOf(page, undefined, ['[data-testid="sign-in-again"]'])).toEqual([])
    await page.getByTestId('password-again').fill(PASSWORD)
    await page.keyboard.press('Enter')
    await page.getByTestId('sign-in-again').waitFor({ state: 'detached' })
    await done
    await saved(page)
    await page.getByTestId('node-set').getByText('typed before the end').waitFor()
    await page.getByTestId('undo').click()
    await page.getByTestId('draft').waitFor({ state: 'detached' })
    expect(complaints.splice(seen).filter((text) => !/401|HTTP Authentication failed/.test(text))).toEqual([])
  })

  it('shows two people to each other, and puts their changes together where they touch', async () => {
    const bert = await designer.signIn({ name: 'Bert Brandt', role: 'engineer' })
    await bert.page.getByTestId('node-set').waitFor()
    await bert.page.getByTestId('people').waitFor()
    await page.getByTestId('people').waitFor()
    await page.getByTestId('people').locator('button[aria-label*="Bert Brandt"]').waitFor()
    await rename(page, 'set', 'by anna')
    await rename(bert.page, 'set', 'by bert')
    await page.locator('[data-testid="node-set"] .flow-node-mark-person-both').waitFor()
    await shot(page, 'deploy-people')
    await bert.page.getByTestId('node-begin').click()
    await bert.page.keyboard.press('Delete')
    await bert.page.getByTestId('deploy').click()
    await isDone(bert.page)
    await page.getByTestId('newer-look').click()
    await page.getByTestId('conflict').waitFor()
    await shot(page, 'deploy-merge')
    expect(await violations()).toEqual([])
    await page.getByTestId('conflict-merge').click({ force: true })
    await page.getByTestId('conflict').waitFor()
    await page.getByTestId('choose-set-name-ours').check()
    await page.getByTestId('conflict-merge').click()
    await page.getByTestId('conflict').waitFor({ state: 'detached' })
    await page.getByTestId('node-begin').waitFor({ state: 'detached' })
    await page.getByTestId('deploy').click()
    await until('both people’s changes', 30_000, async () => ((await designer.nodeOf('set'))?.name === 'by anna' ? true : undefined))
    expect(await designer.nodeOf('begin')).toBeUndefined()
    // bert has nothing of his own left: he sees it at once
    await bert.page.getByTestId('node-set').getByText('by anna').waitFor()
    expect([...complaints, ...bert.complaints].filter((text) => !text.includes('409'))).toEqual([])
    await bert.context.close()
    await page.getByTestId('people').waitFor({ state: 'detached' })
    await designer.context.close()
  })

  it('says on a German page in German what the server finds and what it refuses', async () => {
    await designer.deploy([{ id: 'tab', type: 'tab', label: 'Zelle' }, node('alone', 'debug', 200, 100, [], { active: true })])
    const dora = await designer.signIn({ name: 'Dora Dietz', role: 'integrator', context: { locale: 'de-DE' } })
    await dora.page.getByTestId('node-alone').waitFor()
    const text = JSON.stringify([node('code', 'function', 440, 320, ['later'], { func: 'return msg', outputs: 1 }), node('later', 'debug', 640, 320)])
    await dora.page.getByTestId('canvas').focus()
    await dora.page.evaluate((flow) => {
      const data = new DataTransfer()
      data.setData('text/plain', flow)
      document.activeElement?.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }))
    }, text)
    await dora.page.getByTestId('deploy').click()
    const review = dora.page.getByTestId('review')
    await review.waitFor()
    await review.getByTestId('check-rights').getByText('JavaScript in der Laufzeit ausführt').waitFor()
    await review.getByTestId('check-unreachable').getByText('bekommt nie eine Nachricht').waitFor()
    await review.getByTestId('check-rights').getByText('Jemand mit dem Recht, Code auszurollen').waitFor()
    await shot(dora.page, 'deploy-german')
    expect(await review.textContent()).not.toMatch(/is new|was changed|never gets|Ask somebody/)
    await dora.context.close()
  })
})
