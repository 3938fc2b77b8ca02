/** Taking a promotion: who signed it, what stands for what here, what it needs and changes; then it is deployed. */
import '../../templates/templates.css'
import { Button, Checkbox, SegmentedControl, Textarea } from '@mantine/core'
import { ArrowLeft, CircleCheck, CloudUpload, Info, ShieldCheck, ShieldQuestion, TriangleAlert } from 'lucide-react'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import type { FlowNode } from '../../../server/api/flows.ts'
import { CELL } from '../../../server/api/panel-layouts.ts'
import { type PromotionPreview, takePromotion } from '../../../server/api/promotions.ts'
import type { ResponseOf } from '../../../server/api/route.ts'
import { findingWords, useFindingText } from '../../designer/deploy/finding-words.ts'
import { ApiError, call } from '../../shared/api.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useCommonText } from '../../shared/theme.tsx'
import { NeedsList } from '../../templates/detail/needs-list.tsx'
import { errorWords, useEnvironmentText } from '../words.ts'
import { MapStep } from './map-step.tsx'
import { ProgramChoices } from './program-choices.tsx'
import { From } from './promote-view.tsx'
import { useLook } from './use-look.ts'

// the canvas is large: it comes while the rest is looked at
const FlowView = lazy(() => import('../../templates/import/flow-view.tsx'))

/** As the server asks for it in production. */
const LEAST_REASON = 3

export function TakeView({ promotionId }: { promotionId: string }) {
  const all = useEnvironmentText()
  const text = all.take
  const language = useLanguage()
  const findings = useFindingText()
  const format = formats(language)
  const [choices, setChoices] = useState<Readonly<Record<string, string>>>({})
  const [config, setConfig] = useState<Readonly<Record<string, 'ours' | 'theirs'>>>({})
  const [panels, setPanels] = useState<Readonly<Record<string, 'ours' | 'theirs'>>>({})
  const [programs, setPrograms] = useState<Readonly<Record<string, 'ours' | 'theirs'>>>({})
  const [overwrites, setOverwrites] = useState(false)
  const [trusts, setTrusts] = useState<string>()
  const [reason, setReason] = useState('')
  const [isTaking, setTaking] = useState(false)
  const [failed, setFailed] = useState<unknown>()
  const [taken, setTaken] = useState<Taken>()
  const request = { choices, config, panels, programs, overwrites, ...(trusts === undefined ? {} : { trusts }) }
  const { preview, before, error, isLooking, again } = useLook(promotionId, request)
  const back = (
    <a className="environment-back" href="#promote">
      <ArrowLeft size={16} aria-hidden /> {text.back}
    </a>
  )
  if (taken) return <Done taken={taken} asksForCredentials={preview?.advice.some(({ about }) => about === 'credentials') === true} />
  if (!preview)
    return (
      <>
        {back}
        {error === undefined ? (
          <div className="environment-skeleton" aria-hidden />
        ) : (
          <p className="environment-problem" role="alert">
            {errorWords(error, language, findings)}
          </p>
        )}
      </>
    )
  const { promotion } = preview
  const whyNot = whyNotYet(preview, { reason, overwrites, trusts })
  const take = async () => {
    setTaking(true)
    setFailed(undefined)
    try {
      setTaken(
        await call(takePromotion, { params: { promotionId }, body: { ...request, rev: preview.rev, ...(reason.trim() ? { reason: reason.trim() } : {}) } }),
      )
    } catch (problem) {
      setFailed(problem)
      again()
    } finally {
      setTaking(false)
    }
  }
  return (
    <article className="environment-take">
      {back}
      <h2>{text.title(promotion.from.name, format.number(promotion.version.number))}</h2>
      <div className="environment-columns">
        <div>
          <Step title={text.stepWho}>
            <Origin preview={preview} isTrusted={trusts !== undefined} onTrust={(isSame) => setTrusts(isSame ? promotion.signer.fingerprint : undefined)} />
          </Step>
          <Step title={text.stepMap}>
            <MapStep references={preview.references} onChoose={(key, value) => setChoices((now) => ({ ...now, [key]: value }))} />
          </Step>
          {preview.config.length > 0 && (
            <Step title={text.stepConfig} hint={text.configHint}>
              <ul className="environment-list">
                {preview.config.map(({ id, name, type, properties, decision }) => (
                  <li key={id}>
                    <div>
                      <strong>{name}</strong> <span className="environment-dim">{`${type}: ${properties.join(', ')}`}</span>
                    </div>
                    <SegmentedControl
                      size="xs"
                      aria-label={name}
                      value={decision}
                      onChange={(side) => setConfig((now) => ({ ...now, [id]: side as 'ours' | 'theirs' }))}
                      data={[
                        { value: 'ours', label: text.ours },
                        { value: 'theirs', label: text.theirs },
                      ]}
                      data-testid={`config-${id}`}
                    />
                  </li>
                ))}
              </ul>
            </Step>
          )}
          {preview.programs.length > 0 && (
            <Step title={text.stepPrograms} hint={text.programsHint}>
              <ProgramChoices programs={preview.programs} onChoose={(key, side) => setPrograms((now) => ({ ...now, [key]: side }))} onUploaded={again} />
            </Step>
          )}
          {preview.panels.length > 0 && (
            <Step title={text.stepPanels} hint={text.panelsHint}>
              <PanelChoices panels={preview.panels} onChoose={(key, side) => setPanels((now) => ({ ...now, [key]: side }))} />
            </Step>
          )}
          <Step title={text.stepCheck}>
            <Findings preview={preview} overwrites={overwrites} onOverwrite={setOverwrites} />
          </Step>
          <Step title={text.stepGo}>
            <Textarea
              label={text.reason}
              description={preview.needsReason ? text.reasonNeeded : text.reasonHint}
              required={preview.needsReason}
              value={reason}
              maxLength={400}
              autosize
              minRows={1}
              onChange={(event) => setReason(event.currentTarget.value)}
              data-testid="take-reason"
            />
            {failed instanceof ApiError && failed.code === 'change-requested' ? (
              <p className="environment-changed" role="status" data-testid="take-requested">
                {text.requested}
              </p>
            ) : null}
            {failed !== undefined && !(failed instanceof ApiError && failed.code === 'change-requested') && (
              <p className="environment-problem" role="alert" data-testid="take-failed">
                {errorWords(failed, language, findings)}
              </p>
            )}
            <div className="environment-actions">
              <Button
                leftSection={<CloudUpload size={16} aria-hidden />}
                loading={isTaking}
                disabled={whyNot !== undefined || isLooking}
                onClick={() => void take()}
                data-testid="take"
              >
                {text.go}
              </Button>
              <span className="environment-dim" role="status" data-testid="take-why-not">
                {isTaking ? text.going : whyNot ? text.whyNot[whyNot] : text.goHint}
              </span>
            </div>
          </Step>
        </div>
        <section className="environment-side" aria-label={text.flow} data-looking={isLooking || undefined}>
          <h3>{text.flow}</h3>
          <Suspense fallback={<div className="templates-canvas" aria-hidden />}>
            <FlowView preview={preview} before={before} />
          </Suspense>
        </section>
      </div>
    </article>
  )
}

type WhyNot = 'trust' | 'choose' | 'programs' | 'overwrite' | 'reason' | 'problems'

/** What a person has to do first. */
function whyNotYet(preview: PromotionPreview, given: { reason: string; overwrites: boolean; trusts: string | undefined }): WhyNot | undefined {
  const { promotion, references, programs, changedHere, needsReason, isReady } = preview
  if (promotion.signer.state === 'unknown' && given.trusts === undefined) return 'trust'
  if (references.some(({ how }) => how === 'open')) return 'choose'
  if (programs.some(({ decision }) => decision === undefined)) return 'programs'
  if (changedHere.length > 0 && !given.overwrites) return 'overwrite'
  if (!isReady) return 'problems'
  return needsReason && given.reason.trim().length < LEAST_REASON ? 'reason' : undefined
}

function Step({ title, hint, children }: { title: string; hint?: string; children: ReactNode }) {
  return (
    <section className="environment-card">
      <h3>{title}</h3>
      {hint !== undefined && <p className="environment-dim">{hint}</p>}
      {children}
    </section>
  )
}

function Origin({ preview, isTrusted, onTrust }: { preview: PromotionPreview; isTrusted: boolean; onTrust: (isSame: boolean) => void }) {
  const text = useEnvironmentText().take
  const format = formats(useLanguage())
  const { promotion, isOlder } = preview
  const { signer, version, by, at, note } = promotion
  const Icon = signer.state === 'unknown' ? ShieldQuestion : ShieldCheck
  return (
    <>
      <From promotion={promotion} />
      <p className="environment-dim">
        {text.deployedThere(version.author, format.dateTime(version.at))}
        {version.reason !== undefined && `: ${version.reason}`}
        <br />
        {text.madeBy(by, format.dateTime(at))}
        {note !== undefined && `: ${note}`}
      </p>
      {isOlder && (
        <p className="environment-warn">
          <TriangleAlert size={16} aria-hidden /> {text.older}
        </p>
      )}
      <p className="environment-signer" data-state={signer.state} data-testid="take-signer">
        <Icon size={20} aria-hidden />
        <span>
          {signer.state === 'unknown' ? text.unknownKey : signer.state === 'ours' ? text.ownKey : text.trusted}
          <br />
          {text.fingerprint}: <code>{signer.fingerprint}</code>
        </span>
      </p>
      {signer.state === 'unknown' && (
        <Checkbox label={text.trust} checked={isTrusted} onChange={(event) => onTrust(event.currentTarget.checked)} data-testid="take-trust" />
      )}
    </>
  )
}

function Findings({ preview, overwrites, onOverwrite }: { preview: PromotionPreview; overwrites: boolean; onOverwrite: (isOn: boolean) => void }) {
  const text = useEnvironmentText().take
  const findings = useFindingText()
  const { needs, problems, advice, tests, changedHere, changes, isReady } = preview
  const nameOf = (id: string | undefined): string => {
    const node = (changes.put as FlowNode[]).find((each) => each.id === id)
    return node ? String(node.name || node.label || node.type) : ''
  }
  return (
    <>
      {!isReady && <p className="environment-dim">{text.notReady}</p>}
      {isReady && (
        <p className="templates-line" data-state="there" data-testid="take-ready">
          <CircleCheck size={16} aria-hidden /> {text.ready}
        </p>
      )}
      {needs.length > 0 && <NeedsList needs={needs} />}
      {problems.length > 0 && (
        <ul className="templates-needs">
          {problems.map((problem, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the same may be found twice
            <li key={`${problem.nodeId ?? ''} ${index}`} data-there="no">
              <TriangleAlert size={16} aria-hidden />
              <span>
                <strong>{nameOf(problem.nodeId) || text.problem}</strong>
                <span className="templates-dim">{findingWords(findings, problem)}</span>
              </span>
            </li>
          ))}
        </ul>
      )}
      {changedHere.length > 0 && (
        <div className="environment-changed" data-testid="take-changed">
          <p>{text.changedHere(changedHere.length)}</p>
          <ul>
            {changedHere.slice(0, 20).map(({ id, name, type }) => (
              <li key={id}>
                {name} <span className="environment-dim">{type}</span>
              </li>
            ))}
          </ul>
          <Checkbox label={text.overwrite} checked={overwrites} onChange={(event) => onOverwrite(event.currentTarget.checked)} data-testid="take-overwrite" />
        </div>
      )}
      {advice.length > 0 && (
        <>
          <h4>{text.advice}</h4>
          <ul className="templates-needs">
            {advice.map((one) => (
              <li key={`${one.about} ${one.nodeId}`} data-there="unknown">
                <Info size={16} aria-hidden />
                <span>
                  <strong>{nameOf(one.nodeId)}</strong> <span className="templates-dim">{findingWords(findings, one)}</span>
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
      {tests.length > 0 && <p className="environment-dim">{text.tests(tests.length)}</p>}
    </>
  )
}

function PanelChoices({ panels, onChoose }: { panels: PromotionPreview['panels']; onChoose: (key: string, side: 'ours' | 'theirs') => void }) {
  const text = useEnvironmentText().take
  const roles = useCommonText().person.roles
  return (
    <ul className="environment-list">
      {panels.map(({ key, scope: { place, role }, state, decision }) => {
        const name = [place === undefined ? text.panelShop : place === CELL ? text.panelCell : place, role && roles[role]].filter(Boolean).join(', ')
        return (
          <li key={key}>
            <div>
              <strong>{name}</strong> <span className="environment-dim">{text.panelStates[state]}</span>
            </div>
            {(state === 'new' || state === 'changed' || state === 'differs') && (
              <SegmentedControl
                size="xs"
                aria-label={name}
                value={decision}
                onChange={(side) => onChoose(key, side as 'ours' | 'theirs')}
                data={[
                  { value: 'ours', label: text.ours },
                  { value: 'theirs', label: text.theirs },
                ]}
              />
            )}
          </li>
        )
      })}
    </ul>
  )
}

type Taken = ResponseOf<typeof takePromotion>

function Done({ taken: { from, version, panelProblems }, asksForCredentials }: { taken: Taken; asksForCredentials: boolean }) {
  const text = useEnvironmentText().take
  const format = formats(useLanguage())
  return (
    <section className="environment-card environment-done" data-testid="take-done">
      <h2>
        <CircleCheck size={24} aria-hidden /> {text.done(from.name, format.number(version.number))}
      </h2>
      {panelProblems.length > 0 && (
        <div className="environment-changed" role="alert">
          <p>{text.panelProblems}</p>
          <ul>
            {panelProblems.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        </div>
      )}
      {asksForCredentials && <p>{text.credentials}</p>}
      <div className="environment-actions">
        <Button component="a" href="/">
          {text.toDesigner}
        </Button>
        <Button component="a" href="#promote" variant="default">
          {text.back}
        </Button>
      </div>
    </section>
  )
}
