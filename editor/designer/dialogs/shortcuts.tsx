import { Kbd, Modal } from '@mantine/core'
import { SHORTCUTS, type ShortcutName } from '../canvas/keyboard.ts'
import { useDesignerText } from '../text.ts'

export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const text = useDesignerText().shortcuts
  const { title, ...tips } = text.mouse
  return (
    <Modal opened onClose={onClose} title={text.title} size="lg">
      <p className="form-help">{text.hint}</p>
      <dl className="shortcuts">
        {(Object.keys(SHORTCUTS) as ShortcutName[]).map((name) => (
          <div key={name}>
            <dt>
              {SHORTCUTS[name].map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dt>
            <dd>{text.names[name]}</dd>
          </div>
        ))}
      </dl>
      <h3>{title}</h3>
      <ul className="shortcuts-tips">
        {Object.values(tips).map((tip) => (
          <li key={tip}>{tip}</li>
        ))}
      </ul>
    </Modal>
  )
}
