/** Markdown of anybody, shown without scripts, styles or pictures from elsewhere. */
import { useEffect, useState } from 'react'
import { HelpText } from './help-text.tsx'

export function Markdown({ source }: { source: string }) {
  return <HelpText html={useMarkdown(source)} />
}

/** HTML that is still to be cleaned: flows and templates come from anybody. */
function useMarkdown(source: string): string {
  const [html, setHtml] = useState('')
  useEffect(() => {
    let isGone = false
    // fetched with the first text that is shown
    void import('marked').then(({ parse }) => isGone || setHtml(parse(source, { async: false, gfm: true })))
    return () => {
      isGone = true
    }
  }, [source])
  return html
}
