/**
 * What a screen reader would say while somebody works by keyboard alone: what the focus is on, by the browser's own
 * accessibility tree (role and accessible name), and what the page's live regions say, in this order for each key.
 */
import type { CDPSession, Page } from 'playwright-core'

interface AxNode {
  role?: { value?: string }
  name?: { value?: string }
}

export class ScreenReader {
  readonly #page: Page
  readonly #session: CDPSession
  readonly transcript: string[] = []
  #last = ''

  private constructor(page: Page, session: CDPSession) {
    this.#page = page
    this.#session = session
  }

  static async start(page: Page): Promise<ScreenReader> {
    await page.evaluate(() => {
      const heard: string[] = []
      const last = new WeakMap<Element, string>()
      Object.assign(window, { heard })
      const isLive = '[aria-live=polite], [aria-live=assertive], [role=status], [role=alert]'
      const listen = (region: Element) => {
        // parts that stand apart are read apart
        const text = ((region as HTMLElement).innerText ?? '').replaceAll(/\s+/g, ' ').trim()
        if (text === '' || last.get(region) === text) return
        last.set(region, text)
        heard.push(text)
      }
      new MutationObserver((changes) => {
        const regions = new Set<Element>()
        for (const { target, addedNodes } of changes) {
          const element = target instanceof Element ? target : target.parentElement
          const region = element?.closest(isLive)
          if (region) regions.add(region)
          for (const added of addedNodes) {
            if (!(added instanceof Element)) continue
            if (added.matches(isLive)) regions.add(added)
            for (const inner of added.querySelectorAll(isLive)) regions.add(inner)
          }
        }
        for (const region of regions) if (region.isConnected) listen(region)
      }).observe(document.body, { subtree: true, childList: true, characterData: true })
    })
    return new ScreenReader(page, await page.context().newCDPSession(page))
  }

  /** Presses a key and listens. */
  async press(key: string): Promise<void> {
    this.transcript.push(`> ${key}`)
    await this.#page.keyboard.press(key)
    await this.listen()
  }

  /** Types a text and listens once it is there. */
  async type(text: string): Promise<void> {
    this.transcript.push(`> ${text}`)
    await this.#page.keyboard.type(text)
    await this.listen()
  }

  /** Writes down what is to be heard now. */
  async listen(): Promise<void> {
    let focus = this.#last
    const heard: string[] = []
    // on a machine that is busy it comes later
    for (let quiet = 0; quiet < 2; ) {
      // what a key does is on the page after the second frame, deferred lists included
      await this.#page.evaluate(
        () => new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => requestAnimationFrame(() => done()), 30)))),
      )
      const [now, more] = await Promise.all([this.#focus(), this.#page.evaluate(() => (window as unknown as { heard: string[] }).heard.splice(0))])
      quiet = now === focus && more.length === 0 ? quiet + 1 : 0
      focus = now
      heard.push(...more)
    }
    if (focus !== this.#last) this.transcript.push(focus)
    this.#last = focus
    for (const text of heard) this.transcript.push(`"${text}"`)
  }

  /** Listens until something is said. */
  async hears(text: string, timeoutMs = 20_000): Promise<void> {
    const deadline = Date.now() + timeoutMs
    while (!this.transcript.some((line) => line.includes(text))) {
      if (Date.now() > deadline) throw new Error(`"${text}" was not said within ${timeoutMs} ms. What was said:\n${this.transcript.join('\n')}`)
      await this.listen()
    }
  }

  /** The focused element, or the one it names as active inside it. */
  async #focus(): Promise<string> {
    const { result } = await this.#session.send('Runtime.evaluate', {
      expression: `(() => {
        const focused = document.activeElement
        const id = focused?.getAttribute('aria-activedescendant')
        return (id && document.getElementById(id)) || focused
      })()`,
    })
    if (!result.objectId) return 'nothing'
    const { nodes } = (await this.#session.send('Accessibility.getPartialAXTree', { objectId: result.objectId, fetchRelatives: false })) as { nodes: AxNode[] }
    const [node] = nodes
    return `${node?.role?.value ?? 'nothing'}: ${node?.name?.value ?? ''}`.trim()
  }
}
