/** People and their accounts as people use the pages: a link for a newcomer, a role of the shop, sessions, one's own password, PIN and tokens; what the shop sets for all. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changeSetting, type FlowNode, listAccounts, listRoles, removeRole } from '../../server/api/index.ts'
import { showScheme, violationsOf } from './axe.ts'
import { chromiumPath, complaintsOf, SIZES } from './chromium.ts'
import { type Designer, openDesigner } from './designer.ts'
import { PASSWORD, shot } from './hands.ts'

const CALENDAR = {
  ...{ id: 'sp-calendar', type: 'cw-calendar', name: 'Two shifts', zone: 'Europe/Berlin', exceptions: [] },
  shifts: [
    { label: 'Early', days: 'Mon-Fri', from: '06:00', to: '14:00' },
    { label: 'Night', days: 'Mon-Thu', from: '22:00', to: '06:00' },
  ],
  holidays: [{ date: '12-25', label: 'Christmas' }],
} as unknown as FlowNode
const TAB = { id: 'sp-tab', type: 'tab', label: 'Shifts', disabled: false, info: '', env: [] } as FlowNode
const TRIGGER = {
  ...{ id: 'sp-trigger', type: 'cw-time-trigger', z: 'sp-tab', x: 120, y: 80, name: 'Shift begins', schedule: 'shift-start', calendar: 'sp-calendar' },
  wires: [[]],
} as unknown as FlowNode

describe.skipIf(!chromiumPath)('people, own account and shop in the settings', { timeout: 120_000 }, () => {
  let designer: Designer
  let page: Page
  let url: string
  /** Unlike those of others in the shared product. */
  let mark: string

  beforeAll(async () => {
    designer = await openDesigner({ flows: [TAB, CALENDAR, TRIGGER] })
    page = designer.page
    page.setDefaultTimeout(60_000)
    url = designer.client.access.url
    mark = designer.userName.split('-').slice(1).join('-')
  }, 120_000)
  afterAll(async () => {
    for (const name of ['language', 'timeZone', 'units', 'jobDays'] as const) await designer?.client.call(changeSetting, { params: { name }, body: {} })
    await designer?.close()
  }, 30_000)

  const open = async (hash: string, of = page) => {
    await of.goto('about:blank')
    await of.goto(`${url}/settings#${hash}`)
  }
  const look = async (name: string, of = page) => {
    for (const scheme of ['light', 'dark'] as const) {
      await showScheme(of, scheme)
      expect([name, scheme, await violationsOf(of, scheme === 'dark' ? ['color-contrast'] : undefined)]).toEqual([name, scheme, []])
      await shot(of, `${name}-${scheme}`)
    }
  }
  const choose = async (testId: string, label: string) => {
    await page.getByTestId(testId).click()
    await page.getByRole('option', { name: label, exact: true }).click()
  }
  const accountOf = async (userName: string) => (await designer.client.call(listAccounts, {})).find((one) => one.userName === userName)

  it('adds somebody by a link, by which they choose a password and come in; then it counts no more', async () => {
    await open('people')
    await page.getByTestId('people').waitFor()
    await look('settings-people')
    await page.getByTestId('add-person').click()
    await page.getByTestId('make-person').click()
    await page.getByText('Give a name.').waitFor()
    await page.getByTestId('new-name').fill(`Jörg Neu ${mark}`)
    await expect.poll(() => page.getByTestId('new-user-name').inputValue()).toBe(`joerg.neu.${mark}`)
    await look('settings-people-add')
    await page.getByTestId('make-person').click()
    const link = await page.getByTestId('secret').inputValue()
    expect(link).toMatch(/\/welcome#[\w-]{40,}$/)
    await look('settings-people-link')
    await page.getByTestId('secret-done').click()
    await page.getByTestId('person-title').waitFor()
    await look('settings-person')

    const stranger = await designer.browser.newContext({ viewport: SIZES.phone, locale: 'de-DE' })
    const complaints = complaintsOf(stranger)
    const theirs = await stranger.newPage()
    await theirs.goto(link)
    await theirs.getByText('Willkommen, Jörg Neu').waitFor()
    await look('welcome', theirs)
    await theirs.getByTestId('password').fill('short')
    await theirs.getByTestId('choose-password').click()
    await theirs.getByText('Die beiden sind nicht gleich.').waitFor()
    await theirs.getByTestId('password').fill('drei lange Wörter')
    await theirs.getByTestId('password-again').fill('drei lange Wörter')
    await theirs.getByTestId('choose-password').click()
    await theirs.waitForURL((at) => !at.pathname.startsWith('/welcome'))
    expect(complaints).toEqual([])
    await theirs.goto('about:blank')
    await theirs.goto(link)
    await theirs.getByText('Dieser Link gilt nicht').waitFor()

    // where they are signed in is seen, and ended
    await open(`people/${(await accountOf(`joerg.neu.${mark}`))?.id}`)
    await page.getByTestId('sessions').getByText('Chrome on Linux').waitFor()
    await page.getByTestId('end-session').click()
    await page.getByText('Signed in nowhere at the moment.').waitFor()
    expect((await stranger.request.get(`${url}/api/me`)).status()).toBe(401)
    await stranger.close()
  })

  it('switches somebody off and on, sets a PIN that is not too easy, and removes them', async () => {
    const person = await accountOf(`joerg.neu.${mark}`)
    await open(`people/${person?.id}`)
    await page.getByTestId('switch-off').click()
    await page.getByTestId('switch-on').waitFor()
    await page.getByTestId('switch-on').click()
    await page.getByTestId('switch-off').waitFor()
    await page.getByTestId('open-pin').click()
    await page.getByTestId('give-pin').fill('1234')
    await page.getByTestId('set-pin').click()
    await page.getByText('one of the first that others would try').waitFor()
    await page.getByTestId('give-pin').fill('8351')
    await page.getByTestId('set-pin').click()
    await page.getByTestId('clear-pin').waitFor()
    await page.getByTestId('remove-person').click()
    await look('settings-person-remove')
    await page.getByTestId('remove-person-now').click()
    await page.getByTestId('people').waitFor()
    await expect.poll(() => page.getByTestId(`person-joerg.neu.${mark}`).count()).toBe(0)
    expect(await accountOf(`joerg.neu.${mark}`)).toBeUndefined()
  })

  it('shows what roles may do, and makes one that counts at once for whoever is signed in', async () => {
    const vera = await designer.signIn({ name: 'Vera Viewer', role: 'engineer' })
    const name = `Setter ${mark}`
    await open('people')
    await page.getByTestId('to-roles').click()
    await page.getByTestId('role-matrix').waitFor()
    await look('settings-roles')
    await page.getByTestId('make-role').click()
    await page.getByTestId('role-name').fill(name)
    await page.getByTestId('right-programs.manage').check()
    await page.getByTestId('right-system.view').check()
    await look('settings-role')
    await page.getByTestId('save-role').click()
    await page.getByRole('columnheader', { name: new RegExp(name) }).waitFor()
    const role = (await designer.client.call(listRoles, {})).find((one) => one.name === name)
    await open(`people/${(await accountOf(vera.userName))?.id}`)
    await choose('person-role', name)
    await page.getByTestId('save-person').click()
    await expect.poll(async () => (await accountOf(vera.userName))?.role).toBe(role?.id)
    expect((await vera.context.request.get(`${url}/api/me`)).status()).toBe(401)
    // in use: it stays, and the page says by whom
    await open(`people/+roles/${role?.id}`)
    await page.getByTestId('remove-role').click()
    await page.getByText('It is in use: Vera Viewer').waitFor()
    await open(`people/${(await accountOf(vera.userName))?.id}`)
    await choose('person-role', 'Viewer')
    await page.getByTestId('save-person').click()
    await expect.poll(async () => (await accountOf(vera.userName))?.role).toBe('viewer')
    await designer.client.call(removeRole, { params: { roleId: role?.id as string } })
    expect(vera.complaints.filter((one) => !/401|WebSocket/.test(one))).toEqual([])
  })

  it('lets everybody change their own password, set a PIN, pair a badge and make a token that is shown once', async () => {
    const otto = await designer.signIn({ name: 'Otto Own', role: 'engineer' })
    const own = otto.page
    await own.getByTestId('person').click()
    await own.getByTestId('to-own-account').click()
    await own.getByTestId('own-name').waitFor()
    await look('settings-account', own)
    await own.getByTestId('current-password').fill('not this one')
    await own.getByTestId('own-new-password').fill('another long password')
    await own.getByTestId('change-password').click()
    await own.getByText('The present password is not right.').waitFor()
    await own.getByTestId('current-password').fill(PASSWORD)
    await own.getByTestId('change-password').click()
    await own.getByText('The password is changed.').waitFor()

    await own.getByTestId('pin-proof').fill('another long password')
    await own.getByTestId('own-new-pin').fill('8351')
    await own.getByTestId('set-own-pin').click()
    await own.getByTestId('own-pin-state').getByText('You have one.').waitFor()

    await own.getByTestId('pair-own-badge').click()
    await own.getByText('Hold the badge to the reader now').waitFor()
    await own.keyboard.type(`04A2${mark.replaceAll(/\D/g, '').padStart(6, '7')}`)
    await own.keyboard.press('Enter')
    await own.getByTestId('own-badge-state').getByText('One is paired with you').waitFor()

    await own.getByTestId('token-name').fill('ERP import')
    await own.getByTestId('make-token').click()
    const token = await own.getByTestId('secret').inputValue()
    const asToken = () => fetch(`${url}/api/me`, { headers: { authorization: `Bearer ${token}` } })
    expect((await asToken()).status).toBe(200)
    await open(`people/${(await accountOf(otto.userName))?.id}`)
    await page.getByTestId('tokens').getByText('ERP import').waitFor()
    await own.getByTestId('secret-done').click()
    await expect.poll(() => own.content().then((html) => html.includes(token))).toBe(false)
    await own.getByTestId('revoke-token').click()
    await own.getByText('None yet. A script').waitFor()
    expect((await asToken()).status).toBe(401)
    // what was refused on purpose is told in the console by the browser itself
    expect(otto.complaints.filter((one) => !one.includes('400'))).toEqual([])
  })

  it('shows everything in German and on a phone, and nothing is wider than it', async () => {
    const greta = await designer.signIn({ name: 'Greta German', context: { locale: 'de-DE', viewport: SIZES.phone } })
    for (const hash of ['account', 'people', 'people/+new', 'people/+roles', 'people/+roles/+new', 'shop', 'calendars', 'records', 'network']) {
      await open(hash, greta.page)
      await greta.page.getByTestId('settings-title').waitFor()
      await greta.page.waitForLoadState('networkidle')
      expect([hash, await greta.page.evaluate(() => document.documentElement.scrollWidth - innerWidth)]).toEqual([hash, 0])
      await shot(greta.page, `settings-german-${hash.replaceAll(/\W+/g, '-')}`)
    }
    expect(greta.complaints).toEqual([])
  })

  it('sets language and time zone for all browsers that have chosen none, keeps them over a reload, and shows works calendars and the network', async () => {
    await open('shop')
    await page.getByTestId('shop-language-de').check()
    await page.getByText('Set by Anna Arens').first().waitFor()
    await page.getByTestId('shop-time-zone').click()
    await page.getByTestId('shop-time-zone').fill('Tokyo')
    await page.getByRole('option', { name: 'Asia/Tokyo' }).click()
    await page.getByText('There it is').waitFor()
    await look('settings-shop')
    // a page hears it, and the next one begins with it
    await expect.poll(() => page.evaluate(() => localStorage.getItem('cellwright-shop'))).toContain('Tokyo')
    await page.reload()
    await page.getByText('Sprache der Seiten').waitFor()
    await expect.poll(() => page.evaluate(() => document.documentElement.lang)).toBe('de')
    // what a person has chosen goes before it
    await page.evaluate(() => localStorage.setItem('cellwright-language', 'en'))
    await open('calendars')
    await page.getByTestId('calendar-sp-calendar').getByText('past midnight').waitFor()
    await page.getByTestId('calendar-sp-calendar').getByText('Shift begins').waitFor()
    await look('settings-calendars')
    await page.getByTestId('change-calendar').click()
    await page.getByTestId('shift-1').getByLabel('Fri').check()
    await page.getByTestId('shift-0').getByLabel('From').fill('')
    await page.getByTestId('shift-0').getByLabel('From').pressSequentially('0530')
    await page.getByTestId('add-holiday').click()
    await page.getByTestId('holiday-1').getByLabel('Date').fill('2027-05-01')
    await page.getByTestId('holiday-1').getByLabel('every year').check()
    await look('settings-calendar-form')
    await page.getByTestId('save-calendar').click()
    await page.getByTestId('calendar-sp-calendar').getByText('01/05').waitFor()
    expect(await designer.nodeOf('sp-calendar')).toMatchObject({
      shifts: [
        { days: 'Mon-Fri', from: '05:30' },
        { label: 'Night', days: 'Mon-Fri', from: '22:00', to: '06:00' },
      ],
      holidays: [{ date: '12-25', label: 'Christmas' }, { date: '05-01' }],
    })
    await page.getByTestId('make-calendar').click()
    await page.getByTestId('calendar-name').fill('Weekend')
    await page.getByTestId('save-calendar').click()
    await page.getByRole('heading', { name: 'Weekend' }).waitFor()
    expect((await designer.running()).filter(({ type }) => type === 'cw-calendar').map(({ name }) => name)).toEqual(['Two shifts', 'Weekend'])
    await open('records')
    await page.getByTestId('job-days-own').check()
    await page.getByTestId('job-days').fill('45')
    await page.getByTestId('save-job-days').click()
    await page.getByTestId('records-runs').waitFor()
    await look('settings-records')
    await open('network')
    await page.getByTestId('network-facts').getByText(url.replace(/\/$/, ''), { exact: true }).waitFor()
    await look('settings-network')
    expect(designer.complaints.filter((one) => !/40[09]/.test(one))).toEqual([])
  })
})
