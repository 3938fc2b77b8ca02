/** How a characteristic is charted: kind, subgroups, first limits, rules with the conventions in which sources differ. */
import { Checkbox, NativeSelect, Switch } from '@mantine/core'
import { NELSON_RULES, WESTERN_ELECTRIC_RULES } from '../../../nodes/quality/engine/rules/contract.ts'
import { NumberField } from '../../shared/number-field.tsx'
import { lengthOf, ruleInWords, useChartsText } from '../use-quality-text.ts'
import { type ChartKind, type Conventions, type Draft, estimatorsFor, hasRules, isOfCounts, isSizeFixed, type Problems, withKind } from './draft.ts'
import { FormPart } from './form-part.tsx'

const KINDS: readonly ChartKind[] = ['i-mr', 'xbar-r', 'xbar-s', 'ewma', 'cusum', 'p', 'np', 'c', 'u']

export interface ChartFieldsProps {
  draft: Draft
  onChange: (draft: Draft) => void
  problems: Problems
}

export function ChartFields({ draft, onChange, problems }: ChartFieldsProps) {
  const { form: text, capability } = useChartsText()
  const put = (part: Partial<Draft>) => onChange({ ...draft, ...part })
  const { kind } = draft
  const isMemory = !hasRules(kind)
  const estimators = estimatorsFor(kind, draft.subgroupSize)
  return (
    <>
      <FormPart title={text.chart}>
        <div className="quality-row">
          <NativeSelect
            label={text.kind}
            value={kind}
            onChange={(event) => onChange(withKind(draft, KINDS.find((each) => each === event.currentTarget.value) ?? kind))}
            data={KINDS.map((value) => ({ value, label: text.kinds[value] }))}
            data-testid="field-kind"
          />
          {!isSizeFixed(kind) && (
            <NumberField
              label={text.subgroupSize}
              value={draft.subgroupSize}
              onChange={(subgroupSize) => put({ subgroupSize, estimator: '' })}
              digits={0}
              min={1}
              max={100}
              error={problems.subgroupSize && text.errors[problems.subgroupSize]}
              testId="field-subgroup"
            />
          )}
        </div>
        <p className="quality-dim">{text.kindHelp[kind]}</p>
        <div className="quality-row">
          <Switch label={text.auto} checked={draft.isAuto} onChange={(event) => put({ isAuto: event.currentTarget.checked })} />
          {draft.isAuto && (
            <NumberField
              label={text.autoAfter}
              value={draft.autoLimitsAfter}
              onChange={(autoLimitsAfter) => put({ autoLimitsAfter })}
              digits={0}
              min={2}
              max={1000}
              error={problems.autoLimitsAfter && text.errors[problems.autoLimitsAfter]}
            />
          )}
        </div>
        <details>
          <summary>{text.more}</summary>
          <div className="quality-row">
            {!isMemory && <NumberField label={text.sigmas} value={draft.sigmas} onChange={(sigmas) => put({ sigmas })} digits={2} min={0.1} max={10} />}
            {estimators.length > 0 && (
              <NativeSelect
                label={text.estimator}
                value={draft.estimator}
                onChange={(event) => put({ estimator: estimators.find((each) => each === event.currentTarget.value) ?? '' })}
                data={[{ value: '', label: text.estimatorUsual }, ...estimators.map((value) => ({ value, label: capability.estimators[value] }))]}
              />
            )}
            {isMemory && (
              <NumberField label={text.target} description={text.targetHint} value={draft.target} onChange={(target) => put({ target })} digits={6} />
            )}
          </div>
          {kind === 'ewma' && (
            <div className="quality-row">
              <NumberField
                label={text.lambda}
                value={draft.ewma.lambda}
                onChange={(lambda) => put({ ewma: { ...draft.ewma, lambda } })}
                digits={3}
                min={0.01}
                max={1}
              />
              <NumberField label={text.ewmaL} value={draft.ewma.L} onChange={(L) => put({ ewma: { ...draft.ewma, L } })} digits={3} min={0.1} max={10} />
              <NativeSelect
                label={text.ewmaLimits}
                value={draft.ewma.limits}
                onChange={(event) => put({ ewma: { ...draft.ewma, limits: event.currentTarget.value === 'asymptotic' ? 'asymptotic' : 'exact' } })}
                data={(['exact', 'asymptotic'] as const).map((value) => ({ value, label: text.ewmaLimitsIs[value] }))}
              />
            </div>
          )}
          {kind === 'cusum' && (
            <div className="quality-row">
              <NumberField label={text.cusumK} value={draft.cusum.k} onChange={(k) => put({ cusum: { ...draft.cusum, k } })} digits={4} min={0} />
              <NumberField label={text.cusumH} value={draft.cusum.h} onChange={(h) => put({ cusum: { ...draft.cusum, h } })} digits={4} min={0} />
              <NumberField
                label={text.headStart}
                value={draft.cusum.headStart}
                onChange={(headStart) => put({ cusum: { ...draft.cusum, headStart } })}
                digits={2}
                min={0}
                max={1}
              />
            </div>
          )}
        </details>
      </FormPart>
      <FormPart title={text.rules} lead={isMemory ? text.noRulesHere : text.rulesLead}>
        {!isMemory && <RuleFields draft={draft} put={put} />}
      </FormPart>
    </>
  )
}

function RuleFields({ draft, put }: { draft: Draft; put: (part: Partial<Draft>) => void }) {
  const text = useChartsText()
  const { form } = text
  const set = (part: Partial<Conventions>) => {
    const next = { ...draft.conventions, ...part }
    put({ conventions: Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined)) as Conventions })
  }
  const turn = (rule: Draft['rules'][number], isOn: boolean) => put({ rules: isOn ? [...draft.rules, rule] : draft.rules.filter((one) => one !== rule) })
  return (
    <>
      {(
        [
          ['nelson', NELSON_RULES],
          ['westernElectric', WESTERN_ELECTRIC_RULES],
        ] as const
      ).map(([family, rules]) => (
        <fieldset key={family} className="quality-rules">
          <legend>{form[family]}</legend>
          {rules.map((rule) => {
            const length = lengthOf(rule)
            const isOn = draft.rules.includes(rule)
            return (
              <div key={rule}>
                <Checkbox
                  label={`${rule.slice(-1)} · ${ruleInWords(text, rule, draft.conventions)}`}
                  checked={isOn}
                  onChange={(event) => turn(rule, event.currentTarget.checked)}
                  data-testid={`rule-${rule}`}
                />
                {length && isOn && (
                  <NativeSelect
                    aria-label={`${form[family]} ${rule.slice(-1)}: ${form.length}`}
                    size="xs"
                    value={String((draft.conventions as Record<string, unknown>)[length[0]] ?? length[1])}
                    onChange={(event) => set({ [length[0]]: Number(event.currentTarget.value) === length[1] ? undefined : Number(event.currentTarget.value) })}
                    data={lengthsAround(length[1])}
                  />
                )}
              </div>
            )
          })}
        </fieldset>
      ))}
      <details>
        <summary>{form.conventions}</summary>
        <p className="quality-dim">{form.conventionsLead}</p>
        <div className="quality-row">
          <Convention name="beyond" usual="strict" words={form.convention.beyondIs} draft={draft} set={set} label={form.convention.beyond} />
          <Convention name="nelson8Sides" usual="both" words={form.convention.nelson8SidesIs} draft={draft} set={set} label={form.convention.nelson8Sides} />
          <Convention name="zoneFlags" usual="beyond" words={form.convention.zoneFlagsIs} draft={draft} set={set} label={form.convention.zoneFlags} />
          {!isSizeFixed(draft.kind) || isOfCounts(draft.kind) ? (
            <Convention name="zones" usual="local" words={form.convention.zonesIs} draft={draft} set={set} label={form.convention.zones} />
          ) : null}
          <Convention name="zoneRulesOn" usual="symmetric" words={form.convention.zoneRulesOnIs} draft={draft} set={set} label={form.convention.zoneRulesOn} />
        </div>
        {(['restartsAtMissing', 'restartsAtExcluded'] as const).map((name) => (
          <Switch
            key={name}
            label={form.convention[name]}
            checked={draft.conventions[name] ?? true}
            onChange={(event) => set({ [name]: event.currentTarget.checked ? undefined : false })}
          />
        ))}
      </details>
    </>
  )
}

/** Lengths in use lie a little around the usual one. */
const lengthsAround = (usual: number): string[] =>
  Array.from({ length: 7 }, (_, index) => usual - 3 + index)
    .filter((length) => length >= 2)
    .map(String)

type Choice = 'beyond' | 'nelson8Sides' | 'zoneFlags' | 'zones' | 'zoneRulesOn'

/** One of two ways; the usual one is not kept, so that it stays what the engine has as usual. */
function Convention<N extends Choice>({
  name,
  usual,
  words,
  label,
  draft,
  set,
}: {
  name: N
  usual: string
  words: Readonly<Record<string, string>>
  label: string
  draft: Draft
  set: (part: Partial<Conventions>) => void
}) {
  return (
    <NativeSelect
      label={label}
      value={draft.conventions[name] ?? usual}
      onChange={(event) => set({ [name]: event.currentTarget.value === usual ? undefined : event.currentTarget.value })}
      data={Object.entries(words).map(([value, said]) => ({ value, label: said }))}
    />
  )
}
