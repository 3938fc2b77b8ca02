/** A real browser for tests of pages: Chromium or Chrome where one is found. */
import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium } from 'playwright-core'

const PLACES = [
  process.env.CELLWRIGHT_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** Where a browser is, or undefined: tests are then skipped (and CI counts a skip as a failure). */
export const chromiumPath = PLACES.find((path) => path !== undefined && existsSync(path))

export const SIZES = {
  desktop: { width: 1440, height: 900 },
  panel: { width: 1024, height: 768 },
  tablet: { width: 820, height: 1180 },
  phone: { width: 390, height: 844 },
} as const

/**
 * The popups of the address bar are pages of their own, loaded with each window: more work than a page of ours. The others are those that
 * Playwright turns off (the last list counts): what asks servers of the browser's maker, and what makes tests of pages uncertain.
 */
const FEATURES_OFF = [
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'WebUIOmniboxFullPopup',
  'AimEnabled',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
  'PreconnectToSearch',
  'ThirdPartyStoragePartitioning',
]

/**
 * @param options.home whose settings of the system it takes, its certificate authorities among them
 * @param options.args more of the command line
 */
export function launchBrowser(options: { home?: string; args?: readonly string[] } = {}): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath as string,
    ...(options.home === undefined ? {} : { env: { ...process.env, HOME: options.home } as Record<string, string> }),
    args: [
      ...(options.args ?? []),
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      `--disable-features=${FEATURES_OFF.join(',')}`,
    ],
  })
}

/** Everything that a page complained about: a page that works leaves it empty. */
export function complaintsOf(context: BrowserContext): string[] {
  const complaints: string[] = []
  context.on('weberror', (error) => complaints.push(String(error.error())))
  context.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${message.text()} (${message.location().url})`)
  })
  return complaints
}
