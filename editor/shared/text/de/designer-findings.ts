/** German: what the server finds in flows, and why it refuses. A finding goes on behind the name of its node. */
import type { CodeReason, FindingSentences, Trigger, Why } from '../../../../server/api/findings.ts'
import type { designerFindings as en } from '../en/designer-findings.ts'
import type { Translation } from '../index.ts'
import { germanSentence } from './sentences.ts'

/** Each ends a clause: „weil er …“. */
const reasons: { readonly [R in CodeReason]: (text: string) => string } = {
  javascript: () => 'JavaScript in der Laufzeit ausführt',
  programs: () => 'auf dem Server Programme startet',
  'files-write': () => 'auf dem Server Dateien schreibt',
  'files-read': () => 'auf dem Server Dateien liest',
  'files-watch': () => 'auf dem Server Dateien beobachtet',
  network: () => 'eine Netzwerkverbindung öffnet',
  'any-address': () => 'jede Adresse aufrufen kann, die der Server erreicht',
  'address-here': () => 'auf diesem Server eine Adresse öffnet',
  'answers-here': () => 'eine Adresse dieses Servers mit einer eigenen Seite beantwortet',
  traffic: () => 'Netzwerkverkehr umleitet',
  keys: () => 'Schlüssel und Zertifikate aus Dateien des Servers liest',
  'not-installed': () => 'für einen Typ steht, der nicht installiert ist',
  'browser-code': () => 'HTML und JavaScript in jedem Browser ausführt, der die Seite öffnet',
  'browser-expressions': () => 'Ausdrücke in {{ }} in jedem Browser ausführt, der die Seite öffnet',
  'browser-html': () => 'in seinen Zellen ungeprüftes HTML und Links zeigt',
  'browser-address': () => 'jede Adresse im Browser öffnen kann, auch Skript-Adressen',
  'says-safe': () => 'einer Maschine sagt, dass sie sich sicher bewegen kann: was dorthin führt, muss ein Techniker ansehen',
  'answers-for-person': () => 'für einen Menschen antwortet, der an der Maschine steht',
  unreviewed: () => 'aus einem Modul kommt, das für dieses Produkt niemand geprüft hat',
  'subflow-with-code': () => 'ein Unterablauf mit Codeknoten ist',
  'hidden-subflow': () => 'einen versteckten Verweis auf einen Unterablauf trägt',
  'runtime-property': (text) => `die Eigenschaft „${text}“ trägt, die der Laufzeit gehört`,
  'hidden-nodes': (text) => `in der Eigenschaft „${text}“ eigene Knoten mitbringt`,
  'engine-id': (text) => `die ID „${text}“ hat, die JavaScript selbst verwendet`,
  jsonata: () => 'einen JSONata-Ausdruck verwendet, der mehr tut als rechnen und Code ausführen kann',
  'join-by-message': () => 'verbindet, was die Nachricht nennt (stattdessen die Betriebsart „Manuell“ wählen)',
  'too-deep': () => 'so tief verschachtelte Einstellungen hat, dass sie nicht geprüft werden können',
  proto: () => 'eine Eigenschaft „__proto__“ hat, die ändert, was ein Objekt ist',
  'into-engine': (text) => `mit „${text}“ in die JavaScript-Maschine greift`,
  'named-by-message': (text) => `die Nachricht in „${text}“ eine Eigenschaft nennen lässt`,
  'from-environment': (text) => `eine Einstellung als „${text}“ aus der Umgebung nimmt`,
}
/** A clause that says why something takes `flows.code`: „weil er …“. */
export const germanReason = ({ why, text = '' }: Why) => (Object.hasOwn(reasons, why) ? `weil er ${reasons[why](text)}` : 'weil dafür „flows.code“ nötig ist')

const shapes = {
  tab: 'etwas anderes als die ID eines Tabs',
  group: 'etwas anderes als die ID einer Gruppe',
  number: 'keine Zahl',
  variables: 'keine Liste von Variablen',
  text: 'keinen Text',
  'yes-or-no': 'weder wahr noch falsch',
  nodes: 'keine Liste von Knoten-IDs',
  ports: 'keine Liste von Anschlüssen',
} as const

const triggers: Record<Trigger, (every: string) => string> = {
  clock: () => 'die Uhr',
  'clock-every': (every) => `die Uhr, alle ${every} s,`,
  start: () => 'der Start der Abläufe',
  outside: () => 'etwas von außen',
  'machine-event': () => 'ein Ereignis einer Maschine',
  'machine-value': () => 'ein Wert einer Maschine',
  'work-order': () => 'ein eingehender Auftrag',
  'queued-job': () => 'ein Job aus der Warteschlange',
  'error-of-node': () => 'ein Fehler eines anderen Knotens',
  'status-of-node': () => 'der Status eines anderen Knotens',
}

const quality = {
  'quality-characteristic': { what: 'das Merkmal', which: 'das', whichIs: 'das' },
  'sampling-plan': { what: 'den Stichprobenplan', which: 'den', whichIs: 'der' },
  'gage-study': { what: 'die Messsystemanalyse', which: 'die', whichIs: 'die' },
} as const

const enter = 'Öffnen Sie seine Einstellungen und tragen Sie es ein; Abläufe werden ohne Passwörter weitergegeben, eine Kopie hat also keine.'
const behindWords = (behind: number) =>
  behind === 0 ? '' : behind === 1 ? '; ein Knoten dahinter bekommt deshalb auch nie eine' : `; ${behind} Knoten dahinter bekommen deshalb auch nie eine`

const findings: FindingSentences = {
  'id-twice': ({ id }) => `hat die ID ${id}, die auch ein anderer Knoten hat. Jeder Knoten braucht eine eigene ID.`,
  'id-unusable': () => 'hat eine ID, die nicht verwendet werden kann. Geben Sie ihm eine erzeugte ID.',
  'shape-wrong': ({ property, wanted }) => `hat ${shapes[wanted]} in „${property}“.`,
  'type-missing': () => 'ist von einem Typ, der nicht installiert ist. Entfernen Sie den Knoten, oder installieren Sie das Modul, das ihn mitbringt.',
  'subflow-missing': () => 'ist eine Instanz eines Unterablaufs, der nicht zu diesen Abläufen gehört.',
  'place-missing': () => 'gehört zu einem Tab oder Unterablauf, der nicht Teil dieser Abläufe ist.',
  'wires-shape': () => 'hat Verbindungen, die keine Liste von Listen von Knoten-IDs sind.',
  'wire-to-nothing': ({ target }) => `ist mit ${target} verbunden, das nicht Teil dieser Abläufe ist.`,
  'wire-to-other-tab': ({ target }) => `ist mit ${target} auf einem anderen Tab verbunden. Verbindungen bleiben auf ihrem Tab; verwenden Sie Link-Knoten.`,
  'group-elsewhere': () => 'gehört zu einer Gruppe, die nicht auf seinem Tab liegt.',
  'group-in-itself': () => 'ist eine Gruppe, die in sich selbst liegt.',
  'subflow-in-itself': () => 'ist ein Unterablauf, der sich selbst enthält, direkt oder über einen anderen.',
  'refers-to-itself': () => 'verweist auf sich selbst, weil einer seiner Werte auch die ID eines Konfigurationsknotens ist. Geben Sie diesem eine erzeugte ID.',
  'reference-wrong': ({ target, type }) => `verweist auf ${target}, wo ein ${type} nötig ist.`,
  'reference-missing': ({ type }) => `verweist auf einen ${type}, der nicht Teil dieser Abläufe ist.`,
  'setting-refused': ({ detail }) => `ist so noch nicht zu gebrauchen: ${germanSentence(detail)}`,
  'setting-wrong': ({ property }) => `hat einen falschen Wert in „${property}“.`,
  'setting-missing': () => 'ist nicht fertig eingestellt.',
  'dashboard-path': () => 'hat einen anderen Pfad als /dashboard; nur unter diesem zeigt dieser Server Dashboards.',
  'credentials-of-nobody': () => 'gehört nicht zu diesen Abläufen, und es wurden Zugangsdaten dafür mitgegeben.',

  'id-unclear': ({ id }) => `hat die ID ${id}, die auch ein anderer Knoten hat: so ist nicht zu sagen, welcher gemeint ist.`,
  'code-new': (why) => `ist neu und nicht erlaubt, ${germanReason(why)}.`,
  'code-changed': (why) => `wurde geändert, was nicht erlaubt ist, ${germanReason(why)}. Nur sein Platz auf der Seite darf sich ändern.`,
  'code-uses-removed': ({ used, ...why }) => `verwendet ${used}, das entfernt wurde; das ist nicht erlaubt, ${germanReason(why)}.`,
  'code-new-wire': (why) =>
    `bekommt eine neue Verbindung, was nicht erlaubt ist, ${germanReason(why)}. Bisher konnte ihm kein sicherer Knoten etwas schicken; sein Autor hat also nicht entschieden, so etwas anzunehmen.`,
  'code-credentials': () => 'bekommt hier neue Zugangsdaten, und Codeknoten verwenden sie.',
  expression: (why) => `ist neu oder wurde geändert und ist nicht erlaubt, ${germanReason(why)}.`,
  'inject-wire': () => 'bekommt eine Verbindung hinein. Ein Inject-Knoten tut, was eine solche Nachricht sagt, und das kann Code ausführen.',
  'container-new': () => 'ist neu, und darin liegen Codeknoten.',
  'container-changed': () => 'wurde eingeschaltet, verschoben oder hat andere Werte (env) bekommen, und darin liegen Codeknoten.',
  'subflow-changed': () => 'wurde geändert, und darin liegen Codeknoten.',
  'container-removed': () => 'bleibt, obwohl der Tab, die Gruppe oder der Unterablauf darum entfernt wurde, und ist ein Codeknoten oder enthält einen.',
  'values-changed': () => 'wurde geändert, und seine Werte erreichen die Codeknoten aller Abläufe.',
  'values-removed': () => 'wurde entfernt, und seine Werte erreichen die Codeknoten aller Abläufe.',

  'moves-unattended': ({ by, every = '', trigger }) =>
    `bewegt eine Maschine ohne den Druck eines Menschen: ${triggers[by](every)} („${trigger}“) führt dorthin, und auf dem Weg wartet keine Bedientaste darauf, dass jemand hinsieht.`,
  'machine-unknown': ({ machine }) => `nennt die Maschine „${machine}“, die hier nicht eingerichtet ist. Was ihre Knoten verlangen, wird fehlschlagen.`,
  'quality-unknown': ({ of, id, does }) =>
    `nennt ${quality[of].what} „${id}“, ${quality[of].which} es hier nicht gibt. ${does === 'starts' ? 'Der Knoten wird nie einen Lauf starten' : 'Jede Nachricht, die hier ankommt, wird fehlschlagen'}: Wählen Sie in seinen Einstellungen aus dem, was es hier gibt.`,
  'quality-retired': ({ of, name }) =>
    `nennt ${quality[of].what} „${name}“, ${quality[of].whichIs} nicht mehr verwendet wird: Neues wird dafür nicht angenommen. Wählen Sie etwas anderes, oder nehmen Sie es wieder in Gebrauch.`,
  'no-inspection-plan': ({ of, part, revision }) =>
    `prüft das Teil „${part}“${revision ? ` in Revision ${revision}` : ''}, für das es hier keinen ${of === 'first-article' ? 'Erstmusterplan' : 'Prüfplan'} gibt. Jede Nachricht, die hier ankommt, wird fehlschlagen: Legen Sie unter „Qualität, Prüfung“ einen an.`,
  'password-missing': ({ auth }) => `meldet sich an (${auth}), und ein Passwort dafür ist nicht gespeichert. ${enter}`,
  'secret-missing': ({ name }) => `hat keinen Wert für sein Geheimnis „${name}“. ${enter}`,
  'credentials-missing': ({ name }) => `ist neu und hat kein „${name}“, das die anderen Knoten dieses Typs haben. ${enter}`,
  loop: ({ count, gates = [] }) =>
    `ist in einem Kreis ${count === 1 ? 'mit sich selbst' : `aus ${count} Knoten`}, in dem nichts wartet. ${
      gates.length
        ? `Stellen Sie sicher, dass ${gates.join(' oder ')} ihn beendet, oder bauen Sie eine Verzögerung ein.`
        : 'Die erste Nachricht, die hineinkommt, beschäftigt ihn für immer: bauen Sie eine Verzögerung oder einen Ausgang ein.'
    }`,
  'branch-without-return': ({ number }) =>
    `wartet für immer auf das, was am Ausgang ${number} hinausgeht: Der Zweig führt zu keinem „Zurück“ und nicht wieder zum Eingang. Beenden Sie ihn mit einem „Zurück“, oder setzen Sie eine Zeitgrenze.`,
  'return-outside': () => 'steht in keinem Zweig eines Schritts: Eine Nachricht, die hier ankommt, kann nirgends zurückgegeben werden und schlägt fehl.',
  'no-flow-begin': ({ name }) => `ruft „${name}“ auf, und kein „Ablaufbeginn“ heißt so: Jeder Aufruf schlägt fehl.`,
  'flow-without-return': ({ name }) => `antwortet nie: Der Ablauf „${name}“ führt zu keinem „Zurück“, wer ihn aufruft, wartet für immer.`,
  'flow-name-taken': ({ name }) => `heißt „${name}“ wie ein anderer „Ablaufbeginn“: Nur einer von beiden wird aufgerufen.`,
  unreachable: ({ behind }) => `bekommt nie eine Nachricht: nichts ist mit ihm verbunden${behindWords(behind)}.`,
  'link-unreachable': ({ behind }) => `bekommt nie eine Nachricht: nichts ist mit ihm verbunden oder verlinkt${behindWords(behind)}.`,
  'interlock-unfed': () => 'ist mit nichts verbunden und sagt seiner Maschine also nichts. Das gilt als unsicher: Die Maschine bewegt sich nicht.',
}

const problems = (count: number) => (count === 1 ? 'Ein Problem' : `${count} Probleme`)

export const designerFindings: Translation<typeof en> = {
  findings,
  askEngineer: 'Jemand mit dem Recht, Code auszurollen, kann das für Sie tun.',
  refusals: {
    unreachable: () => 'Der Server ist nicht erreichbar. Prüfen Sie das Netz und versuchen Sie es dann noch einmal.',
    'runtime-away': () => 'Die Ablaufumgebung läuft gerade nicht. Sie wird von selbst wieder gestartet; versuchen Sie es in ein paar Sekunden noch einmal.',
    'not-allowed': () => 'Ihre Rolle hat nicht das Recht dazu.',
    'reason-missing': () => 'Das ist die Produktion: Ausrollen braucht eine Begründung. Geben Sie sie an, dann rollen Sie noch einmal aus.',
    'version-mismatch': () => 'Inzwischen hat jemand anderes ausgerollt. Zuerst müssen beide Änderungen zusammengeführt werden.',
    'flows-invalid': ({ count }) => `${problems(Number(count))} in den Abläufen. Nichts wurde geändert.`,
    'node-type-unknown': ({ count }) => `${problems(Number(count))} in den Abläufen, darunter ein Typ, der nicht installiert ist. Nichts wurde geändert.`,
    'node-type-not-allowed': ({ count }) =>
      `In diesen Abläufen ${Number(count) === 1 ? 'steht eine Änderung' : `stehen ${count} Änderungen`}, die Ihre Rolle nicht ausrollen darf. Nichts wurde geändert.`,
    'deploy-failed': ({ reason, isRestored }) =>
      `Die Abläufe konnten nicht gestartet werden${reason === undefined ? '.' : `: ${reason}`} ${
        isRestored === true
          ? 'Die vorigen Abläufe laufen wieder.'
          : isRestored === false
            ? 'Auch die vorigen Abläufe konnten nicht wieder gestartet werden.'
            : ''
      }`.trim(),
    'version-not-found': () => 'Diese Version gibt es nicht mehr.',
    'not-waiting': () => 'Diese Nachricht wartet nicht mehr: Sie ging weiter, wurde verworfen, oder ihr Knoten wurde durch ein Ausrollen angehalten.',
    'rehearsal-busy': () => 'Zwei Proben laufen gerade. Warten Sie, bis eine fertig ist.',
    'recording-gone': () =>
      'Was aufgezeichnet wurde, steht nicht mehr in der Laufhistorie oder war zu groß, um behalten zu werden. Wählen Sie eine andere aufgezeichnete Antwort, oder geben Sie eine.',
    'no-sample': () => 'Der Konnektor dieser Verbindung gibt keine Form an, aus der sich ein Muster machen ließe. Geben Sie die Werte ein.',
    'message-not-kept': () => 'Was diesen Lauf begann, wurde nicht behalten oder gehört nicht mehr zu den Abläufen: Ein Test davon könnte nicht beginnen.',
    'run-not-found': () => 'Diesen Lauf gibt es nicht, oder er ist älter, als die Historie zurückreicht.',
    'never-held': () =>
      'Dieser Knoten lässt eine Maschine stehen oder sagt ihr, ob es sicher ist. Seine Nachrichten werden nie angehalten; setzen Sie den Haltepunkt an einem anderen Knoten.',
    'too-many-breakpoints': () => 'Es gibt schon zu viele Haltepunkte. Entfernen Sie zuerst einige.',
    'machine-moving': ({ machine, isMoving, part }) =>
      `${machine} ${isMoving === true ? 'bewegt sich' : 'arbeitet'} gerade, und ${part === 'node' ? 'dieser Knoten' : 'dieser Ablauf'} wirkt auf sie. Nichts wurde angehalten. Warten Sie, bis sie steht, oder halten Sie sie mit HALT an, und versuchen Sie es dann noch einmal.`,
  },
}
