/** Somebody else deployed under our changes: what each did, side by side, and the ways on. */
import { Button, Modal } from '@mantine/core'
import { useDesignerText } from '../text.ts'
import { useSession } from '../use-session.ts'
import { DiffList } from './diff-list.tsx'

export function ConflictDialog() {
  const text = useDesignerText().conflict
  const session = useSession()
  if (session.deploy.is !== 'conflict') return null
  const { conflict } = session.deploy
  const both = new Set(conflict.both)
  const canMerge = both.size === 0
  return (
    <Modal opened onClose={() => session.dismiss()} title={text.title} size={820}>
      <div className="conflict" data-testid="conflict">
        <p>{text.by(conflict.by ?? text.someone)}</p>
        <div className="conflict-sides">
          <section>
            <h3>{text.theirs}</h3>
            <DiffList diff={conflict.their} both={both} />
          </section>
          <section>
            <h3>{text.yours}</h3>
            <DiffList diff={conflict.our} both={both} />
          </section>
        </div>
        <div className="conflict-ways">
          <div>
            <Button disabled={!canMerge} onClick={() => session.mergeTheirs(conflict)} data-testid="conflict-merge">
              {text.merge}
            </Button>
            <p>{canMerge ? text.mergeText : text.cannotMerge(both.size)}</p>
          </div>
          <div>
            <Button variant="default" onClick={() => session.takeTheirs(conflict)} data-testid="conflict-take">
              {text.take}
            </Button>
            <p>{text.takeText}</p>
          </div>
          <div>
            <Button variant="default" onClick={() => void session.run('nodes', true)} data-testid="conflict-force">
              {text.force}
            </Button>
            <p>{text.forceText}</p>
          </div>
        </div>
        <Button variant="subtle" color="gray" onClick={() => session.dismiss()}>
          {text.later}
        </Button>
      </div>
    </Modal>
  )
}
