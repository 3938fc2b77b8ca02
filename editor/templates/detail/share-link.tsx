/** A link that gives a template to another shop: made, shown, and copied where the browser lets us. */
import { Button, TextInput } from '@mantine/core'
import { Link } from 'lucide-react'
import { useState } from 'react'
import { linkTemplate } from '../../../server/api/templates/index.ts'
import { useFindingText } from '../../designer/deploy/finding-words.ts'
import { call } from '../../shared/api.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useDoing } from '../../shared/use-doing.ts'
import { errorWords, useTemplatesText } from '../words.ts'

export function ShareLink({ templateId, version }: { templateId: string; version: string }) {
  const text = useTemplatesText().link
  const findings = useFindingText()
  const language = useLanguage()
  const [made, setMade] = useState<{ url: string; until: string; isCopied: boolean }>()
  const { isBusy, problem, run } = useDoing((failed) => errorWords(failed, language, findings))
  const make = () =>
    run(async () => {
      const { path, until } = await call(linkTemplate, { params: { templateId }, body: { version } })
      const url = new URL(path, window.location.origin).href
      // only where the page is served securely; elsewhere the person copies it
      const isCopied = await (navigator.clipboard?.writeText(url) ?? Promise.reject(new Error('no clipboard'))).then(
        () => true,
        () => false,
      )
      setMade({ url, until, isCopied })
    })
  if (!made)
    return (
      <>
        <Button variant="default" leftSection={<Link size={16} aria-hidden />} loading={isBusy} onClick={() => void make()} data-testid="share-link">
          {text.make}
        </Button>
        {problem !== undefined && (
          <p className="form-error" role="alert">
            {problem}
          </p>
        )}
      </>
    )
  return (
    <TextInput
      className="templates-link"
      label={made.isCopied ? text.copied : text.copy}
      description={text.until(formats(language).dateTime(made.until))}
      value={made.url}
      readOnly
      onFocus={(event) => event.currentTarget.select()}
      data-testid="share-link-url"
    />
  )
}
