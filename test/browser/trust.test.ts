import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { getAuthority, getCertificates, getTrust, listAudit, renewCertificate } from '../../server/api/index.ts'
import { installHere } from '../../server/cli/install-authority.ts'
import { makeServer } from '../../server/tls/authority.ts'
import { type Product, startTestProduct } from '../product.ts'
import { violationsOf } from './axe.ts'
import { chromiumPath, launchBrowser, SIZES } from './chromium.ts'
import { PASSWORD, shot } from './hands.ts'

describe.skipIf(!chromiumPath)('a server on the network (needs Chromium or Chrome)', () => {
  let product: Product
  let browser: Browser
  let port: number
  beforeAll(async () => {
    product = await startTestProduct({ CELLWRIGHT_HOST: '0.0.0.0', CELLWRIGHT_OWNER: `anna:${PASSWORD}` })
    browser = await launchBrowser()
    // the command line's way in: this computer, with its token
    port = (await product.client.call(getTrust, {})).port
  })
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })

  test('a device that does not trust it yet is shown how, in the clear, with the digits that the server printed', async () => {
    const context = await browser.newContext({
      viewport: SIZES.panel,
      locale: 'de-DE',
      userAgent: 'Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/150',
    })
    const page = await context.newPage()
    await page.goto(`http://127.0.0.1:${port}/operator`)
    await page.getByRole('heading', { name: 'Diesem Server vertrauen' }).waitFor()
    expect(new URL(page.url()).search).toBe('?next=%2Foperator')
    const { authority } = await product.client.call(getTrust, {})
    expect((await page.getByTestId('fingerprint').textContent())?.replaceAll(' ', ':')).toBe(authority?.fingerprint)
    expect(await page.getByTestId('platform').inputValue()).toBe('android')
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId('download').click()])
    expect(file.suggestedFilename()).toBe('cellwright-authority.crt')
    expect(await violationsOf(page)).toEqual([])
    await shot(page, 'trust-panel')
    await context.close()
  })

  test('one that trusts it is led on, signs in, and stays signed in by a cookie that goes by HTTPS alone', async () => {
    // what a browser does that has the authority installed
    const context = await browser.newContext({ viewport: SIZES.panel, ignoreHTTPSErrors: true })
    const page = await context.newPage()
    await page.goto(`http://127.0.0.1:${port}/runs`)
    await page.waitForURL(`https://127.0.0.1:${port}/sign-in?next=%2Fruns`)
    await page.getByTestId('user-name').fill('anna')
    await page.getByTestId('password').fill(PASSWORD)
    await page.getByTestId('sign-in').click()
    await page.waitForURL(`https://127.0.0.1:${port}/runs`)
    const cookies = (await context.cookies()).filter(({ name }) => name.includes('session_token'))
    expect(cookies.map(({ name, secure, httpOnly }) => [name.startsWith('__Secure-'), secure, httpOnly])).toEqual([[true, true, true]])
    await page.goto(`http://127.0.0.1:${port}/trust`)
    await page.getByTestId('trusted').waitFor()
    expect(await violationsOf(page)).toEqual([])
    await context.close()
  })

  // libnss3-tools: what Chromium and Chrome on Linux trust is kept in a database that its program changes
  const hasCertutil = spawnSync('certutil', ['-H']).error === undefined
  describe.skipIf(!hasCertutil)('with the authority installed (needs certutil)', () => {
    let home: string
    let pem: string
    beforeAll(async () => {
      home = await mkdtemp(join(tmpdir(), 'cellwright-home-'))
      pem = await (await fetch(`http://127.0.0.1:${port}${getAuthority.path}?as=pem`)).text()
    })
    afterAll(() => rm(home, { recursive: true, force: true }))
    const lookAt = async (url: string, args: string[] = []) => {
      const other = await launchBrowser({ home, args })
      try {
        const page = await other.newPage()
        return await page.goto(url).then(
          (answer) => answer?.status(),
          (error: Error) => /ERR_[A-Z_]+/.exec(error.message)?.[0],
        )
      } finally {
        await other.close()
      }
    }

    test('a browser takes the server as it is, and nothing else that a stolen key would sign', async () => {
      const url = `https://127.0.0.1:${port}/sign-in`
      expect(await lookAt(url)).toBe('ERR_CERT_AUTHORITY_INVALID')
      await expect(installHere({ pem, name: 'Cellwright' }, { url: 'https://192.168.1.5' })).rejects.toMatchObject({ code: 'fingerprint-needed' })
      await expect(installHere({ pem, name: 'Cellwright' }, { url, fingerprint: 'AB:CD' })).rejects.toMatchObject({ code: 'fingerprint-wrong' })
      const { authority } = await product.client.call(getTrust, {})
      const done = await installHere(
        { pem, name: 'Cellwright' },
        { url: 'https://192.168.1.5', fingerprint: authority?.fingerprint ?? '' },
        { home, isRoot: false },
      )
      expect(done.browsers).toBe(join(home, '.pki', 'nssdb'))
      expect(await lookAt(url)).toBe(200)
      // somebody has the key, and a name that people believe in
      const text = readFileSync(join(product.dataDir, 'keys', 'tls', 'authority.pem'), 'utf8')
      const at = text.indexOf('-----BEGIN PRIVATE KEY-----')
      const stolen = { cert: text.slice(0, at), key: text.slice(at) }
      for (const [name, outcome] of [
        ['line2.local', 200],
        ['bank.example', 'ERR_CERT_INVALID'],
      ] as const) {
        const forged = createServer(await makeServer(stolen, { dns: [name], ip: [] }, new Date()), (_request, response) => response.end('hello'))
        await new Promise<void>((resolve) => forged.listen(0, '127.0.0.1', resolve))
        onTestFinished(() => void forged.close())
        expect(await lookAt(`https://${name}:${(forged.address() as AddressInfo).port}/`, [`--host-resolver-rules=MAP ${name} 127.0.0.1`])).toBe(outcome)
      }
    })
  })

  test('certificates are shown and made anew by whoever may, and the log knows', async () => {
    const before = await product.client.call(getCertificates, {})
    expect(before).toMatchObject({ kind: 'own', authority: { isLimited: true, outside: [] } })
    expect(before.names).toContain('cellwright.local')
    const after = await product.client.call(renewCertificate, { body: { what: 'certificate' } })
    expect(after.authority).toEqual(before.authority)
    const other = await product.client.call(renewCertificate, { body: { what: 'authority' } })
    expect(other.authority?.fingerprint).not.toBe(before.authority?.fingerprint)
    await expect
      .poll(async () => (await product.client.call(listAudit, { query: { action: 'trust.' } })).map(({ action }) => action))
      .toEqual(['trust.authority-renewed', 'trust.certificate-renewed'])
  })
})
