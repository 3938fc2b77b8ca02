/** A node's help page. It is made on the server from our own Markdown, or comes with a contrib module: shown without scripts or styles. */
import { useMemo } from 'react'

const ALLOWED = new Set([
  'P',
  'H1',
  'H2',
  'H3',
  'H4',
  'H5',
  'UL',
  'OL',
  'LI',
  'DL',
  'DT',
  'DD',
  'CODE',
  'PRE',
  'EM',
  'STRONG',
  'B',
  'I',
  'A',
  'TABLE',
  'THEAD',
  'TBODY',
  'TR',
  'TH',
  'TD',
  'BR',
  'HR',
  'SPAN',
  'BLOCKQUOTE',
  'SECTION',
  'DIV',
])

export function HelpText({ html }: { html: string }) {
  const clean = useMemo(() => cleanHelp(html), [html])
  // biome-ignore lint/security/noDangerouslySetInnerHtml: only known elements without attributes are left
  return <div className="help-text" dangerouslySetInnerHTML={{ __html: clean }} />
}

/** Keeps known elements, drops every attribute but web links. */
function cleanHelp(html: string): string {
  const page = new DOMParser().parseFromString(html, 'text/html')
  const visit = (element: Element) => {
    for (const child of [...element.children]) {
      visit(child)
      if (!ALLOWED.has(child.tagName)) {
        if (['SCRIPT', 'STYLE', 'TEMPLATE', 'IFRAME', 'OBJECT', 'SVG', 'MATH'].includes(child.tagName.toUpperCase())) child.remove()
        else child.replaceWith(...child.childNodes)
        continue
      }
      const href = child.tagName === 'A' ? child.getAttribute('href') : null
      for (const { name } of [...child.attributes]) child.removeAttribute(name)
      if (href && /^https?:\/\//.test(href)) {
        child.setAttribute('href', href)
        child.setAttribute('target', '_blank')
        child.setAttribute('rel', 'noopener noreferrer')
      }
    }
  }
  visit(page.body)
  return page.body.innerHTML
}
