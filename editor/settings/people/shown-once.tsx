/** A secret that is shown this once: to be copied, then gone. */
import { Button } from '@mantine/core'
import { Check, Copy } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'

export interface ShownOnceProps {
  title: string
  hint: string
  secret: string
  words: { copy: string; copied: string; done: string }
  onDone: () => void
}

export function ShownOnce({ title, hint, secret, words, onDone }: ShownOnceProps) {
  const [isCopied, setCopied] = useState(false)
  const box = useRef<HTMLDivElement>(null)
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => box.current?.focus(), [])
  const copy = async () => {
    field.current?.select()
    // a page in the clear has no clipboard: what is selected can be copied by hand
    await navigator.clipboard?.writeText(secret).then(
      () => setCopied(true),
      () => undefined,
    )
  }
  return (
    <div className="settings-card people-once" role="status" ref={box} tabIndex={-1} data-testid="shown-once">
      <h3>{title}</h3>
      <p>{hint}</p>
      <div className="people-secret">
        <input
          ref={field}
          readOnly
          value={secret}
          aria-label={title}
          onFocus={(event) => event.currentTarget.select()}
          data-testid="secret"
          spellCheck={false}
        />
        <Button
          variant="default"
          leftSection={isCopied ? <Check size={16} aria-hidden /> : <Copy size={16} aria-hidden />}
          onClick={() => void copy()}
          data-testid="copy-secret"
        >
          {isCopied ? words.copied : words.copy}
        </Button>
        <Button onClick={onDone} data-testid="secret-done">
          {words.done}
        </Button>
      </div>
    </div>
  )
}
