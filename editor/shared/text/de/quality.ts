/** Qualität. Namen von Datensätzen und Kennwerten bleiben, wie sie veröffentlicht sind. */
import type { quality as en } from '../en/quality.ts'
import type { Translation } from '../index.ts'

export const quality: Translation<typeof en> = {
  sections: {
    label: 'Bereiche der Qualität',
    characteristics: 'Merkmale',
    gauges: 'Messgeräte',
    studies: 'Messsystemanalyse',
    sampling: 'Stichproben',
    inspection: 'Prüfung',
    nonconformance: 'Abweichungen',
    documents: 'Dokumente',
    verification: 'Nachweis',
  },
  loading: 'Lädt …',
  notAllowed: 'Ihr Konto darf das nicht sehen. Wer die Konten verwaltet, kann Ihre Rolle ändern.',
  verification: {
    title: 'Nachweis der Berechnungen',
    lead: 'Jeder Datensatz, den Normen und Handbücher mit seinen Ergebnissen veröffentlichen, wird hier und jetzt berechnet, in diesem Browser, vom selben Programm, das Ihre Messwerte beurteilt. Unser Wert steht neben dem veröffentlichten.',
    why: 'Auditoren verlangen diesen Nachweis, dass die Software richtig rechnet (IATF 16949 7.1.5, ISO 10012 6.2.2). Drucken Sie ihn oder bewahren Sie die Datei auf.',
    working: (done, all) => `Rechnet: ${done} von ${all} Gebieten`,
    allAgree: (count) => `Alle ${count} Werte stimmen überein.`,
    differ: (differing, count) => `${differing} von ${count} Werten weichen ab.`,
    whatNow:
      'Verlassen Sie sich nicht auf die unten gekennzeichneten Gebiete. Schicken Sie die Datei dieses Nachweises an die Person, die diese Anlage betreut.',
    made: (at) => `Berechnet ${at}`,
    product: (version) => `Cellwright ${version}`,
    again: 'Neu berechnen',
    file: 'Als CSV speichern',
    print: 'Drucken',
    figures: (count) => `${count} Werte`,
    values: (count) => `${count} Messwerte`,
    columns: {
      quantity: 'Kennwert',
      published: 'Veröffentlicht',
      ours: 'Unserer',
      difference: 'Abweichung',
      tolerance: 'Darf abweichen um',
      verdict: 'Urteil',
    },
    agrees: 'stimmt',
    differs: 'weicht ab',
    source: (source) => `Quelle: ${source}`,
    subjects: {
      charts: 'Regelkarten',
      capability: 'Fähigkeit',
      gage: 'Messsystemanalysen',
      normality: 'Tests auf Normalverteilung',
      sampling: 'Annahmestichproben',
      descriptive: 'Mittelwerte und Standardabweichungen',
    },
  },
}
