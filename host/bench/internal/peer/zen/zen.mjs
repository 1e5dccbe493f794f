// One decision table of @gorules/zen-engine, asked line by line: first the rules and
// the facts, which are answered with the rules that hold; then for how many
// milliseconds to evaluate, which is answered with the mean time of an evaluation.
import { createInterface } from 'node:readline'
import { ZenDecisionContent, ZenEngine } from '@gorules/zen-engine'

// table is a decision table with one column that holds whole expressions. It is
// compiled once, which is what makes zen fast.
function table(rules) {
  const content = {
    hitPolicy: 'collect',
    inputs: [{ id: 'when', name: 'when', type: 'expression' }],
    outputs: [{ id: 'then', name: 'then', field: 'id', type: 'expression' }],
    rules: rules.map((r) => ({ _id: r.id, when: r.when, then: JSON.stringify(r.id) })),
  }
  const position = { x: 0, y: 0 }
  const nodes = [
    { id: 'in', name: 'in', type: 'inputNode', position },
    { id: 'table', name: 'table', type: 'decisionTableNode', position, content },
    { id: 'out', name: 'out', type: 'outputNode', position },
  ]
  const edges = [
    { id: '1', sourceId: 'in', targetId: 'table', type: 'edge' },
    { id: '2', sourceId: 'table', targetId: 'out', type: 'edge' },
  ]
  return new ZenEngine().createDecision(new ZenDecisionContent({ nodes, edges }))
}

let decision, facts
for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line)
  if (asked.rules) {
    decision = table(asked.rules)
    facts = asked.facts
    const { result } = await decision.evaluate(facts)
    console.log(JSON.stringify({ hits: result.map((r) => r.id) }))
    continue
  }
  const began = performance.now()
  let n = 0
  while (performance.now() - began < asked.ms) {
    await decision.evaluate(facts)
    n++
  }
  console.log(JSON.stringify({ us: ((performance.now() - began) * 1000) / n }))
}
