/** What a framed dashboard gets ahead of its page: what its scripts expect of a page with an origin, as far as they may have it. */

/**
 * Goes before the page's own document type: HTML takes the first one, and what comes before `<html>` belongs to its head.
 *
 * - Storage: the browser refuses it to a page without an origin with an exception that the dashboard does not expect. It gets one that
 *   lasts as long as the page.
 * - Addresses from this server's root: Dashboard 2 imports the widgets of other modules from `/red/resources/…`, modules written for
 *   Node-RED's usual root name `/resources/…`, and templates link to `/dashboard/…`. Nobody is signed in there without the secret that
 *   this page was reached by, so they lead to the same things below it. Nothing else of this server has an address there.
 *
 * @param prefix what the addresses of this frame begin with
 */
export function framePrelude(prefix: string): string {
  const files = `${prefix}/red/resources/`
  const imports = JSON.stringify({ imports: { '/red/resources/': files, '/resources/': files } })
  return `<!doctype html><script type="importmap">${imports}</script><script>(${inPage.toString()})(${JSON.stringify(prefix)})</script>
`
}

/** In the page: this function's text is all that gets there. */
function inPage(prefix: string): void {
  for (const name of ['localStorage', 'sessionStorage']) {
    const kept = new Map<string, string>()
    const storage = {
      getItem: (key: string) => kept.get(String(key)) ?? null,
      setItem: (key: string, value: string) => void kept.set(String(key), String(value)),
      removeItem: (key: string) => void kept.delete(String(key)),
      clear: () => kept.clear(),
      key: (index: number) => [...kept.keys()][index] ?? null,
      get length() {
        return kept.size
      },
    }
    Object.defineProperty(window, name, { value: storage })
  }
  Reflect.deleteProperty(Navigator.prototype, 'serviceWorker')

  const inside = <T>(address: T): T | string => {
    let url: URL
    try {
      url = new URL(String(address), location.href)
    } catch {
      return address
    }
    if (url.host !== location.host) return address
    const path = /^\/dashboard(\/|$)/.test(url.pathname) ? url.pathname : url.pathname.replace(/^\/(?:red\/)?(resources|icons)\//, '/red/$1/')
    return /^\/(dashboard|red\/(resources|icons))(\/|$)/.test(path) ? prefix + path + url.search + url.hash : address
  }

  const named = ['src', 'href', 'poster']
  const { setAttribute } = Element.prototype
  Element.prototype.setAttribute = function (name, value) {
    setAttribute.call(this, name, named.includes(name.toLowerCase()) ? String(inside(value)) : value)
  }
  for (const [kind, name] of [
    [HTMLScriptElement, 'src'],
    [HTMLImageElement, 'src'],
    [HTMLMediaElement, 'src'],
    [HTMLLinkElement, 'href'],
    [HTMLAnchorElement, 'href'],
  ] as const) {
    const property = Object.getOwnPropertyDescriptor(kind.prototype, name)
    if (!property?.set) continue
    const { set } = property
    Object.defineProperty(kind.prototype, name, {
      ...property,
      set(value: unknown) {
        set.call(this, inside(value))
      },
    })
  }
  // what comes as text
  const mend = (element: Element) => {
    for (const name of named) {
      const is = element.getAttribute(name)
      const to = is === null ? null : inside(is)
      if (to !== null && to !== is) setAttribute.call(element, name, to)
    }
  }
  new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      if (target instanceof Element) mend(target)
      for (const node of addedNodes) {
        if (!(node instanceof Element)) continue
        mend(node)
        for (const child of node.querySelectorAll(named.map((name) => `[${name}]`).join())) mend(child)
      }
    }
  }).observe(document, { subtree: true, childList: true, attributeFilter: named })

  const { fetch } = window
  window.fetch = (what, options) => fetch(what instanceof Request ? what : inside(what), options)
  const open = XMLHttpRequest.prototype.open as (this: XMLHttpRequest, ...args: unknown[]) => void
  XMLHttpRequest.prototype.open = function (this: XMLHttpRequest, method: string, address: string | URL, ...more: unknown[]) {
    open.call(this, method, inside(address), ...more)
  }
}
