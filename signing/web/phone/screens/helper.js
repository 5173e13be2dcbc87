// Who helps at the customer's side: a person with a name. They never sign, and step aside for some questions.
import { S } from '../strings.js';
import { el } from '../ui.js';

const TYPED = 'helper';

/** Whether this screen was left in the middle, by a reload. */
export const isHelperOpen = (context) => Boolean(context.session.note(TYPED));

/** A quiet way to this screen, for the body of another one. */
export function helperLink(context) {
  const helper = context.view && context.view.helper;
  const text = helper ? S.helper.known(helper.name_masked, helper.relation) : S.helper.link;
  return el('p', {}, el('button', {
    type: 'button', id: 'helper-link', class: 'text-link', text, on: { click: () => context.detour('helper') },
  }));
}

export function create(context) {
  const { ui, session } = context;
  const before = context.view.helper;
  const name = field('helper-name', S.helper.name, { maxlength: 60, autocomplete: 'off' });
  const relation = field('helper-relation', S.helper.relation, { maxlength: 20, autocomplete: 'off' });
  const phone = field('helper-phone', S.helper.phone, { maxlength: 11, inputmode: 'numeric', type: 'tel', autocomplete: 'off' });
  const choices = el('div', { class: 'chips' }, ...S.helper.relations.map((word) => el('button', {
    type: 'button', class: 'chip', text: word, on: { click: () => { relation.input.value = word; keep(); } },
  })));

  const fields = [name, relation, phone].map((each) => each.input);
  const typed = session.note(TYPED);
  if (typed) fields.forEach((input, at) => { input.value = typed[at]; });
  const keep = () => session.remember(TYPED, before ? null : fields.map((input) => input.value));
  fields.forEach((input) => input.addEventListener('input', keep));
  keep();
  context.hold(context.view.step); // a change of the queue must not take away what is being typed

  const leave = () => {
    session.remember(TYPED, null);
    context.key = '';
    context.release();
  };

  async function declare() {
    const said = { name: name.input.value.trim(), relation: relation.input.value.trim(), phone: phone.input.value.trim() };
    if (said.name.length < 2 || !said.relation) ui.error(S.helper.missing);
    else if (said.phone && !/^1[3-9]\d{9}$/.test(said.phone)) ui.error(S.helper.wrongPhone);
    else {
      await context.command('/api/phone/helper', said);
      leave();
    }
  }

  async function dismiss() {
    context.apply(await context.api.remove('/api/phone/helper'));
    leave();
  }

  ui.show({
    part: before ? 'known' : 'ask',
    sentence: before ? S.helper.now(before.name_masked, before.relation) : S.helper.sentence,
    body: before ? [el('p', { text: S.helper.rule })]
      : [el('p', { text: S.helper.rule }), name.node, relation.node, choices, phone.node],
    primary: before ? { label: S.helper.back, run: leave } : { label: S.helper.declare, run: declare },
    secondary: before ? { label: S.helper.dismiss, run: dismiss } : { label: S.helper.nobody, run: leave },
  });
  return {};
}

function field(id, label, props) {
  const input = el('input', { id, type: 'text', class: 'entry', 'aria-label': label, ...props });
  return { input, node: el('label', { class: 'field' }, el('span', { text: label }), input) };
}
