/** The last real message that came to the node, in its form: a press on a value puts its path into the field one was in. */
import './sample.css'
import { TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { may, useMe } from '../../../shared/me.ts'
import { formats } from '../../../shared/text/index.ts'
import { useConfigText } from '../text.ts'
import { useFieldTargets } from './field-target.ts'
import { useEditedNode } from './use-sample.ts'

const MOST = 60

export function MessagePart() {
  const text = useConfigText().message
  const { sample, paths } = useEditedNode()
  const targets = useFieldTargets()
  const { me } = useMe()
  const [search, setSearch] = useState('')
  const wanted = search.trim().toLowerCase()
  const found = paths.filter(({ path, preview }) => wanted === '' || `${path} ${preview}`.toLowerCase().includes(wanted))
  const use = (path: string) => {
    const target = targets?.last()
    if (target) {
      target.take(path)
      notifications.show({ message: text.put(`msg.${path}`, target.label) })
      return
    }
    void navigator.clipboard.writeText(`msg.${path}`).then(
      () => notifications.show({ message: text.copied(`msg.${path}`) }),
      () => notifications.show({ color: 'red', message: text.notCopied }),
    )
  }
  return (
    <details className="panel-help" data-testid="last-message">
      <summary>{text.title}</summary>
      {sample ? (
        <div className="message-part">
          <span className="form-help">{text.at(formats().time(sample.at))}</span>
          {paths.length > 8 && (
            <TextInput size="xs" placeholder={text.search} aria-label={text.search} value={search} onChange={(event) => setSearch(event.currentTarget.value)} />
          )}
          <ul>
            {found.slice(0, MOST).map(({ path, preview }) => (
              <li key={path}>
                <button
                  type="button"
                  // the field keeps the focus, and with it its place
                  onMouseDown={(event) => event.preventDefault()}
                  onClick={() => use(path)}
                  title={text.use}
                  data-testid={`message-path-${path}`}
                >
                  <code>{path}</code> <span>{preview}</span>
                </button>
              </li>
            ))}
          </ul>
          {found.length > MOST && <p className="form-help">{text.more(found.length - MOST)}</p>}
        </div>
      ) : (
        <p className="form-help">{me && !may(me, 'flows.messages') ? text.hidden : text.none}</p>
      )}
    </details>
  )
}
