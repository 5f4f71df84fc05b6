//! The messages of the program, with their texts in English: the one place where a message is declared.
//!
//! `name(parameter: Kind, …): "text";` A text names its parameters in braces. The compiler checks that it
//! names all of them, in their order, and no others.

/// Gives the table to the macro `$make`.
macro_rules! with_messages {
    ($make:ident) => {
        $make! {
            // What happened: one for each kind of error, two for some.
            error_invalid_request(field: Message, value: Message, reason: Message): "{field} is {value}: {reason}.";
            error_missing_file(path: Text, place: Message): "{path} is missing in {place}.";
            error_page_instead(place: Text, path: Text): "{place} gives a web page instead of {path}.";
            error_invalid_config(path: Text, reason: Message): "{path} cannot be read: {reason}.";
            error_unsupported(path: Text, what: Message): "{path} asks for {what}, which is not supported.";
            error_beyond_cpu(reason: Message): "This model is too large for this browser’s CPU: {reason}.";
            error_not_a_checkpoint(path: Text, found: Message): "{path} is {found}.";
            error_corrupt_weights(path: Text, reason: Message): "{path} is damaged: {reason}.";
            error_tensor_mismatch(path: Text, differences: Message): "{path} does not fit its config: {differences}.";
            error_file_mismatch(path: Text, differences: Message): "{path} lacks or has other tensors than models of its kind: {differences}.";
            error_tokenizer(reason: Message): "The tokenizer cannot be built: {reason}.";
            error_io(path: Text, reason: Message): "{path}: {reason}.";
            error_network(url: Text, reason: Message): "{url} could not be fetched: {reason}.";
            error_storage(reason: Message): "The browser could not keep the weights: {reason}.";
            error_no_gpu(reason: Message): "This device cannot run the model on the GPU: {reason}.";
            error_gpu(reason: Message): "The GPU failed: {reason}.";
            error_gpu_lost(): "The GPU was lost.";
            error_gpu_lost_because(reason: Message): "The GPU was lost: {reason}.";
            error_out_of_memory(): "The GPU’s memory is full.";
            error_image(action: Message, reason: Message): "The picture cannot be {action}: {reason}.";
            error_cancelled(): "Stopped.";
            error_internal(reason: Message): "Something unexpected happened: {reason}.";

            // Why a prompt cannot be used.
            prompt_too_long(most: Number): "it may have at most {most} bytes";
            prompt_too_nested(most: Number): "more than {most} brackets are open at once; a bracket that is only a sign is written with \\ before it";
            lora_bad_weight(): "a LoRA’s weight is a number with a point, as in <lora:name:0.8>";
            prompt_bad_weight(number: Text): "{number} is not a number; a weight is written as (word:1.2)";
            prompt_many_chunks(chunks: Number, most: Number): "it is {chunks} chunks long, and at most {most} are possible; shorten it";
            matrix_size(axes: Number, pictures: Number): "a matrix has at most {axes} axes and {pictures} pictures";
            matrix_twice(): "it has two axes; name its values in one";
            matrix_needs_image(): "these values have a meaning only with a picture to start from";
            matrix_needs_mask(): "these values have a meaning only with a mask";
            matrix_needs_eta(samplers: Text): "the sampler does not use it; these do: {samplers}";
            matrix_needs_guidance(): "it has an effect only with guidance above 1";
            matrix_needs_a1111(): "it has an effect only in AUTOMATIC1111’s grammar";
            matrix_of_one_size(): "the picture to start from has one size; do without it, or give all pictures one size";
            matrix_lacks_text(): "the prompts do not contain it; the first value is the text that the others replace";
            matrix_texts_apart(): "the prompts do not contain it; separate texts with |, not with commas";
            matrix_schedule_twice(): "its schedule is named already; the schedules have an axis of their own";
            matrix_schedules_of(sampler: Text, schedules: Text): "{sampler} has these: {schedules}; or Automatic";
            matrix_sampler_without_schedules(sampler: Text): "{sampler} has noise levels of its own; only Automatic goes with it";
            matrix_of_one_prompt(): "a matrix has one prompt; do without “each line is a prompt”, or make the prompts an axis";
            no_styles(): "it is no file of styles; its first line names the columns, as name,prompt,negative_prompt";
            no_style(name: Text, names: Text): "there is no style {name}; there are {names}";
            too_long(): "too long";
            choices_too_nested(most: Number): "choices and wildcards are nested more than {most} times; a wildcard must not name itself";
            no_wildcard(name: Text): "there is no file {name}.txt with a choice on each line among the wildcards; add it, or correct the name";
            many_pictures(pictures: Number, most: Number): "they make {pictures} pictures together, and at most {most} are possible at once";
            and_needs_guidance(): "AND needs classifier-free guidance, which this model does not have; write one prompt";

            // Textual inversions.
            vectors_of_width(widths: Text): "an embedding with vectors of width {widths}";
            embeddings_that_fit(model: Message, widths: Text): "Use one that was made for {model}, with vectors of width {widths}";
            embedding_of_one_vector(): "embedding, one vector";
            embedding_of_vectors(vectors: Number): "embedding, {vectors} vectors";
            no_embedding(): "no textual inversion: it has no tensor emb_params, clip_l, clip_g or one named after its word";
            several_embeddings(): "several textual inversions in one file";
            embedding_shape(): "the vectors must be a table of at most 75 rows";
            give_as_embedding(): "Give it with --embedding";
            get_embedding(): "Get the embedding as a .safetensors file with one word";

            // What to do.
            next_missing_file(): "Check that the checkpoint is complete and in diffusers layout.";
            next_missing_at_address(): "Check the address; what it names may have been moved or removed. A model is a folder in diffusers layout, with a model_index.json, or one .safetensors file; a LoRA, an embedding and a VAE are one .safetensors file.";
            next_page_instead(): "Paste the address of a folder in diffusers layout, that of a .safetensors file itself, or owner/name for a model of Hugging Face.";
            next_invalid_config(): "Fetch this file of the checkpoint again.";
            next_remedy(remedy: Message): "{remedy}.";
            next_corrupt_weights(): "Try again to have it fetched anew; if you put it there yourself, replace it.";
            next_tensor_not_finite(): "The settings are not to blame: get this file again from where it was published, or choose another model.";
            next_tensor_mismatch(): "Weights and config.json must come from the same checkpoint.";
            next_file_mismatch(): "Get the file as its authors published it, or the model in diffusers layout.";
            next_tokenizer(): "Fetch the tokenizer folder of the checkpoint again.";
            next_io(): "Check that it exists and may be accessed.";
            next_free_space(): "Free some space, or write to another disk.";
            next_permission(): "Check its permissions, or choose another place.";
            next_folder(): "Name a file in it.";
            next_system(): "That is a fault of the disk or the system; try again, or use another place.";
            next_network(): "Check the connection and try again.";
            next_no_public_model(): "Check the spelling. A private model needs a Hub token (in Options), or can be downloaded and opened from your disk.";
            next_gated_model(): "Accept it on the model’s page on huggingface.co; then save a Hub token (in Options), or download the model and open it from your disk.";
            next_access_refused(): "Sign in there, download the model and open it from your disk; for a private model of the Hub, save a Hub token (in Options).";
            next_sign_in(): "This page cannot sign in there: sign in with your browser, download the model and open it from your disk.";
            next_not_permitted(): "Check the address: a signature in it may have expired. This page cannot sign in there; if you may have the model, download it with your browser and open it from your disk.";
            next_server_fault(): "The fault is not yours: try again later, or get the model from another place.";
            next_answered(): "Check the address and try again.";
            next_wait_so_long(): "Wait that long and try again.";
            next_other_model(): "Choose another model.";
            next_revision(): "Check the part after the @.";
            next_wait(): "Too many requests were made from here; wait a few minutes and try again.";
            next_storage(): "Until that is done, the model is fetched at every visit.";
            next_no_gpu(): "Use the CPU device instead.";
            next_gpu(): "Reload and try again, choose a smaller size, or use the CPU device.";
            next_gpu_lost(): "Try again; if it is lost again, choose a smaller size or use the CPU device.";
            next_out_of_memory(): "Choose a smaller size, close other programs and tabs that use the GPU, or use the CPU device.";
            next_smaller(width: Number, height: Number): "Choose a smaller size, for instance {width} × {height}, close other programs and tabs that use the GPU, or use the CPU device.";
            next_internal(): "Please report it.";

            // The fields of a request, as they are named there.
            field_prompt(): "prompt";
            field_negative_prompt(): "negative_prompt";
            field_num_inference_steps(): "num_inference_steps";
            field_guidance_scale(): "guidance_scale";
            field_guidance_rescale(): "guidance_rescale";
            field_seed(): "seed";
            field_scheduler(): "scheduler";
            field_width(): "width";
            field_height(): "height";
            field_size(): "size";
            field_model(): "model";
            field_vae(): "vae";
            field_device(): "device";
            field_image(): "image";
            field_mask(): "mask";
            field_strength(): "strength";
            field_padding_mask_crop(): "padding_mask_crop";
            field_mask_blur(): "mask_blur";
            field_clip_skip(): "clip_skip";
            field_clip_skip_negative(): "clip_skip_negative";
            field_grammar(): "grammar";
            field_emphasis(): "emphasis";
            field_eta(): "eta";
            field_noise(): "noise";
            field_start(): "start";

            // Values, and which ones can be used.
            empty(): "empty";
            byte_count(number: Number): "{number} bytes";
            pixel_size(width: Number, height: Number): "{width} × {height} pixels";
            whole_number_between(least: Text, most: Text): "it must be a whole number from {least} to {most}";
            skipped_layers(number: Number): "{number} skipped layers";
            layers_to_skip(most: Number): "the text encoder has only {most} that can be skipped";
            number_between(least: Text, most: Text): "it must be a number from {least} to {most}";
            multiple_of(step: Number, example: Number): "it must be a multiple of {step}, for instance {example}";
            side_at_most(most: Number): "it can be at most {most}";
            unwise_value(field: Message, value: Text, why: Message): "{field} is {value}: {why}";
            guidance_burns(): "above 30 the picture burns out into flat, glaring colours; 5 to 9 is usual";
            guidance_negative(): "below 0 it has no effect; 5 to 9 is usual, and 1 turns guidance off";
            strength_changes_nothing(): "so little changes almost nothing; 0.5 to 0.8 is usual";
            seed_choices(most: Number): "it must be a whole number from 0 to {most}, or random";
            number_above(least: Text, most: Text): "it must be a number above {least}, and at most {most}";
    any_number(): "it must be a number";
    any_text(): "it must be a text";
    any_picture(): "it must be a picture";
            one_of(names: Text): "choose one of {names}";
            from_zero_to_one(): "choose from 0 to 1";
            from_one_to(most: Number): "choose from 1 to {most}";
            seeds_beyond(most: Number): "the seeds would go beyond {most}";
            device_choices(): "it must be cpu or wgpu";
            mask_choices(): "it must be centre, half or strokes";

            // Steps that a scheduler cannot do.
            lcm_steps(most: Number): "with LCM choose from 1 to {most}";
            pndm_steps(): "this checkpoint's PNDM needs at least 4";
            fewer_steps(usable: Number): "choose less than {usable}";
            first_timestep_beyond(first: Number, train: Number): "the first timestep would be {first} of {train}, choose fewer";
            lcm_strength(steps: Number, least: Number): "with LCM and {steps} steps choose at least {least}";
            no_step_left(): "of 1 step none would be left; choose more strength or steps";
            no_steps_left(steps: Number): "of {steps} steps none would be left; choose more strength or steps";

            // Pictures to start from, and their masks.
            nothing_masked(): "paint over the part to change, or choose to change all of it";
            mask_is_black(): "nothing would change; make the part to change white";
            mask_is_black_once_cut(width: Number, height: Number): "nothing of it is white once it is cut to {width} × {height}; make the part to change white";
            padding_needs_mask(): "it needs a mask that it surrounds";
            pixels_need_bytes(width: Number, height: Number, needs: Number): "{width} × {height} pixels have {needs} bytes";
            wants_requested_size(width: Number, height: Number): "it must have the size that is asked for, {width} × {height}";
            wants_picture_size(width: Number, height: Number): "it must have the picture's size, {width} × {height}";

            // Pictures that cannot be made, read or compared.
            action_made(): "made";
            action_written(): "written";
            action_read(): "read";
            action_fitted(): "fitted";
            picture_not_finite(): "some of its values are no numbers, though all weights are; try other steps, another scheduler or less guidance";
            picture_not_finite_in_f16(): "some of its values are no numbers, though all weights are: they became too large for 16 bits; choose full precision, other steps, another scheduler or less guidance";
            picture_channels(channels: Number): "the autoencoder gave {channels} channels instead of 3";
            values_do_not_fill(number: Number, width: Number, height: Number): "{number} values do not fill {width} × {height} pixels";
            bytes_do_not_fill(number: Number, width: Number, height: Number): "{number} bytes do not fill {width} × {height} pixels";
            no_size(width: Number, height: Number): "{width} × {height} pixels are no size";
            too_many_pixels(width: Number, height: Number): "{width} × {height} pixels are too many";
            is_not_size(width: Number, height: Number): "it is not {width} × {height}";
            mask_differs(width: Number, height: Number, across: Number, down: Number): "it has {width} × {height} pixels, its mask {across} × {down}";
            tensor_not_finite(key: Text): "the values of its tensor {key} are not all numbers";
            does_not_fit_its_place(): "it is not of the size of its place";
            part_outside(): "the part lies outside of it";
            part_outside_mask(): "the part lies outside of the mask";
            picture_too_large(): "it is too large";
            picture_too_large_for_png(): "it is too large for PNG";
            no_picture(): "it is no picture";
            no_known_picture(): "it is no PNG, JPEG or WebP; convert it to one of these first";
            picture_cut_off(): "its end is missing; get it again";
            still_being_read(): "it is still being read";
            no_palette(): "its palette is missing";
            file_too_short(width: Number, height: Number): "the file is too short for {width} × {height} pixels";
            text_has_nul(keyword: Text): "the text for {keyword} contains U+0000";
            pixels_do_not_fill_size(): "its pixels do not fill its size";
            too_small_to_compare(): "a picture of fewer than 7 pixels cannot be compared";
            true_picture_has(width: Number, height: Number): "the true picture has {width} × {height}";
            mask_covers_nothing(): "it covers no pixel";

            // Addresses of models.
            model_name_or_address(): "name a model of the Hub as owner/name, or give an address";
            only_http(): "only addresses that begin with https:// or http:// can be fetched";
            no_address(): "that is not an address";
            no_folder_address(): "that is not an address of a folder";
            hub_name(): "a model of the Hub is named owner/name; any other needs an address";
            no_hub_name(): "that is neither owner/name on the Hub nor an address";
            only_safetensors_of_repository(): "only a .safetensors file can be named after owner/name; for a folder, paste its address";
            no_server(): "the address names no server";
            no_hub_model(): "that is no model on the Hub; a model's address ends in owner/name";
            only_safetensors(): "of single files only .safetensors can be read; give that, or the folder in diffusers layout";
            password_in_address(): "addresses with a user’s name and password cannot be fetched; leave out what stands before the @";
            civitai_address(): "Civitai lets no other page read its files; download the model there, then open the file from your disk";
            disk_path(): "that is a path on a disk, which a web page cannot open by itself; choose the file or folder there, or drop it here";
            bare_file_name(): "that is only the name of a file; choose it from your disk, or write owner/name/file for one on the Hub";
            gguf_address(): "the weights in .gguf files are quantised, which is not supported; get it as .safetensors";
            pickle_address(): "only .safetensors files are opened: .ckpt, .pt and .bin files can run any program when they are read; get it as .safetensors, or convert it at huggingface.co/spaces/safetensors/convert";
            no_model_index(): "a repository without model_index.json, so it is no model in diffusers layout";
            choose_repository_file(): "Choose one of its files";
            no_repository_file(): "None of its files is a whole checkpoint that Hearth opens; take another repository";
            file_checkpoint(): "checkpoint";
            file_lora(): "LoRA, an add-on for a model";
            file_gguf(): "GGUF, quantised: not supported";
            file_other_weights(): "not .safetensors: not opened";
            file_part(): "a part of a model";
            no_safetensors_chosen(): "there is no .safetensors file among them; choose one, or a folder in diffusers layout";
            choice_of_files(): "a choice of files";
            address_without_file(address: Text): "{address}";
            address_of_page(address: Text): "{address}";
            choose_one_file(names: Text): "there are several models in it: {names}; choose one";
            chosen_files(): "the selection";

            // Downloads.
            try_again_in(reason: Message, minutes: Number): "{reason} and asks to try again in {minutes} minutes";
            server_unreachable(): "its server was not reached, or does not let other pages read it (CORS)";
            hub_unreachable(address: Text): "huggingface.co was not reached; where it is blocked, its mirror may be reached: {address}";
            no_public_model(): "there is no public model of this name";
            no_such_revision(): "it has no such branch, tag or commit";
            gated_model(): "its licence must be accepted first";
            model_disabled(): "it has been disabled on the Hub";
            access_refused(status: Text): "the server refuses access ({status})";
            sign_in_needed(status: Text): "the server asks for a sign-in ({status})";
            not_permitted(status: Text): "the server does not permit it ({status})";
            server_fault(status: Text): "the server has a fault ({status})";
            legally_withheld(): "the server may not hand it out, for legal reasons";
            too_many_requests(status: Text): "the server answered {status}";
            server_answered(status: Text): "the server answered {status}";
            server_silent(): "the server does not answer";
            length_unknown(): "the server does not say how long the file is";
            another_part_sent(): "the server sent another part of it";
            part_not_sent(): "the server cannot send this part of it";
            version_keeps_changing(): "the server speaks of another version of it again and again";
            connection_silent(): "the connection fell silent";
            connection_ended(): "the connection ended early";
            changed_meanwhile(): "it changed while it was fetched";
            longer_than_any_config(): "it is longer than any config or vocabulary";
            ends_at_byte(end: Number, byte: Number): "the file ends at byte {end}, before byte {byte}";
            no_reason_given(): "the browser does not say why";

            // The browser's databases.
            store_closed(reason: Message): "{reason}; leave private browsing or free some disk space";
            store_full(): "there is no room for them; free some disk space";
            store_newer(): "a newer version of this page has kept models here; reload the page";
            database_in_use(): "another tab uses its database";
            database_silent(): "its database does not answer";
            no_database(): "it has no IndexedDB here";
            write_given_up(): "it gave up a write to its database";
            chunk_not_storable(): "a chunk is no value";

            // Devices, and what a model needs there.
            no_secure_context(): "WebGPU needs a page from https:// or from localhost";
            no_webgpu(): "this browser offers no WebGPU";
            webgpu_incomplete(): "this browser's WebGPU is incomplete";
            no_adapter(): "no usable graphics card was found";
            lacks_feature(feature: Text): "its WebGPU lacks the feature {feature}";
            limit_too_low(limit: Text, has: Number, needs: Number): "its {limit} is {has}, the engine needs {needs}";
            tensor_too_large(needs: Text, has: Text): "one tensor of the weights has {needs}, a buffer here at most {has}; use another device";
            buffer_too_large(needs: Text, has: Text, remedy: Message): "at this size one buffer would have {needs}, here it has at most {has}; {remedy}";
            memory_too_small(needs: Text, has: Text, remedy: Message): "it needs {needs} of memory, there are {has}; {remedy}";
            size_fits(width: Number, height: Number): "{width} × {height} pixels fit";
            other_device(): "use another device";
            other_device_or_model(): "use another device or a smaller model";

            // A model's card.
            text_encoder(): "text encoder";
            second_text_encoder(): "second text encoder";
            unet(): "UNet";
            autoencoder(): "autoencoder";
            autoencoder_vae(): "autoencoder (VAE)";
            term_where(): "Where";
            term_kind(): "Kind";
            term_layout(): "Layout";
            term_text_encoder(): "Text encoder";
            term_second_text_encoder(): "Second text encoder";
            term_unet(): "UNet";
            term_vae(): "VAE";
            term_together(): "Together";
            term_scheduler(): "Scheduler";
            term_own_size(): "Own size";
            term_on_gpu(): "On a GPU";
            single_file(): "a single file";
            diffusers_folder(): "a folder in diffusers layout";
            for_inpainting(kind: Message): "{kind}, for inpainting";
            distilled_from_guidance(family: Text): "{family}, distilled from guidance";
            network_figures(millions: Text, amount: Text, dtypes: Text, about: Message): "{millions} M parameters, {amount} in {dtypes}; {about}";
            model_figures(millions: Text, amount: Text): "{millions} M parameters, {amount}";
            clip_layers(layers: Number, size: Number): "CLIP, {layers} layers of {size}";
            from_other_place(name: Text, what: Message): "{name}: {what}";
            vae_channels(class: Text, channels: Number, factor: Number): "{class}, {channels} channels at 1/{factor}";
            unet_channels(channels: Text): "{channels} channels";
            scheduler_and_prediction(scheduler: Text, prediction: Message): "{scheduler}; the UNet predicts {prediction}";
            noise(): "noise";
            velocity(): "velocity";
            gpu_memory(weights: Text, beside: Text, buffers: Text): "{weights} for the weights and about {beside} beside them at this size; buffers of {buffers}";
            takes_its_place(name: Text): "{name} takes its place";

            // Settings in a picture's file that were not taken over.
            lost_setting(name: Text, reason: Message): "{name} ({reason})";
            setting(name: Message, value: Text): "{name}: {value}";
            settings_of_program(program: Text): "the settings of {program}, which are not read";
            noise_of_steps(program: Text): "the noise of each step, which {program} draws in its own way";
            second_pass(node: Text): "{node} that goes on from another one’s picture";
            weights_in_brackets(example: Text): "weights in brackets, as {example}";
            no_json_object(): "it is no JSON object";
            another_version(): "it is of another version";
            too_many_bytes(number: Number): "it has {number} bytes";
            setting_steps(): "Steps";
            setting_cfg_scale(): "CFG scale";
            setting_seed(): "Seed";
            setting_size(): "Size";
            setting_sampler(): "Sampler";
            setting_schedule_type(): "Schedule type";
            setting_denoising_strength(): "Denoising strength";
            setting_masked_area_padding(): "Masked area padding";
            setting_mask_blur(): "Mask blur";
            setting_clip_skip(): "Clip skip";
    setting_eta(): "Eta";
    setting_eta_ddim(): "Eta DDIM";
            setting_hires_upscale(): "Hires upscale";
            setting_hires_resize(): "Hires resize";
            setting_variation_seed(): "Variation seed";
            setting_refiner(): "Refiner";
            setting_face_restoration(): "Face restoration";
            setting_tiling(): "Tiling";
            setting_hypernet(): "Hypernet";
            setting_lora_hashes(): "Lora hashes";
            setting_image_cfg_scale(): "Image CFG scale";

            // Files that are no checkpoint.
            pickle(): "a pickle, which can run any program when it is read, so it is not opened";
            get_converted(): "Get it as .safetensors; the Hub converts a repository at huggingface.co/spaces/safetensors/convert";
            get_safetensors(): "Get it as .safetensors";
            gguf(): "a GGUF file, whose weights are quantised";
            onnx(): "a network for ONNX, not the weights of one";
            hdf5(): "a network of Keras or TensorFlow";
            not_found_weights(): "no safetensors file, but a server's answer that the file was not found";
            not_found_answer(): "a server's answer that the file was not found, not the file";
            lfs_pointer(): "only a pointer that git keeps in place of the file";
            fetch_file_itself(): "Fetch the file itself, with `git lfs pull` or from the repository's page";
            web_page(): "a web page, not a file of weights";
            give_file_address(): "Give the address of the file itself; the Hub's begin with huggingface.co/OWNER/NAME/resolve/";
            json(): "JSON, not a file of weights";
            give_its_folder(): "Give the folder that it is in, or the .safetensors file";
            picture(): "a picture, not a file of weights";
            archive(): "an archive";
            unpack_it(): "Unpack it, and give the .safetensors file in it";
            empty_file(): "an empty file";
            fetch_again(): "Fetch it again";
            unknown_file(): "no safetensors file";
            no_tensors(): "a safetensors file without any tensor";
            unusable_checkpoint(): "a checkpoint that cannot be used";
            what_is_wrong_above(): "See the problems above";

            // Safetensors files that are something else.
            lora(): "a LoRA: an add-on for a model, not a model";
            controlnet(): "a ControlNet: an add-on that steers a model, not a model";
            adapter(): "an adapter: an add-on that steers a model, not a model";
            adapter_for_base(base: Message): "an adapter (LoRA) for {base}, which does not fit this model";
            adapter_without_layers(): "an adapter (LoRA) none of whose layers is in this model";
            adapter_kind(kind: Text): "an adapter of the kind {kind}";
            no_lora(): "no LoRA";
            adapter_part_does_not_fit(key: Text): "{key} does not fit its layer, or a part beside it is missing";
            take_adapter_for_model(): "Choose a LoRA that was trained for the same base model";
            adapter_of_rank(kind: Text, rank: Number): "{kind}, rank {rank}";
            adapter_of_ranks(kind: Text, least: Number, most: Number): "{kind}, ranks {least} to {most}";
            adapter_summary(name: Text, kind: Message, unet: Number, text: Number): "{name} ({kind}): weight {unet} for the UNet, {text} for the text encoders";
            adapter_not_given(name: Text): "the prompt names the LoRA {name}, which was not given with --lora: the picture is made without it";
            network_not_applied(what: Text): "not applied: {what}";
            adapter_keys_left_out(name: Text, count: Number, first: Text): "{name}: {count} of its tensors belong to no layer of this model and are left out: {first}";
            several_adapters(count: Number): "a repository with {count} files, any of which may be meant";
            add_one_of(files: Text): "Give one of them: {files}";
            take_lora(): "Choose a .safetensors file with a LoRA, LoHa, LoKr or DoRA";
            several_vaes(count: Number): "a repository with {count} files, any of which may be the VAE";
            no_vae(): "no autoencoder (VAE)";
            take_vae(): "Choose a VAE of Stable Diffusion 1.x, 2.x or XL: a .safetensors file, a folder in diffusers layout, or a whole checkpoint, of which the VAE is taken";
            vae_latent_channels(found: Number, wanted: Number): "an autoencoder (VAE) with {found} latent channels, while this model has {wanted}";
            vae_of_architecture(architecture: Text): "a checkpoint of {architecture}, whose autoencoder (VAE) does not fit this model";
            take_vae_for(model: Text): "Choose a VAE that was made for {model}";
            textual_inversion(): "a textual inversion: a new word for a model, not a model";
            video_model(): "a video model";
            quantised_checkpoint(): "a checkpoint whose weights are quantised";
            upscaler(): "an upscaler of pictures";
            t5_text_encoder(): "a T5 text encoder";
            language_model(): "a language model";
            unet_alone(): "a UNet alone, without autoencoder and text encoder";
            tiny_autoencoder_alone(): "a tiny autoencoder alone";
            image_encoder(): "an image encoder";
            text_encoder_alone(): "a text encoder alone, without UNet and autoencoder";
            vae_alone(): "an autoencoder (VAE) alone, without UNet and text encoder";
            diffusion_transformer(): "a diffusion transformer, such as Stable Diffusion 3 or Flux";
            sdxl_refiner(): "the refiner of Stable Diffusion XL, which finishes what the base began";
            no_stable_diffusion(name: Text): "no checkpoint of Stable Diffusion (it holds {name})";
            families_that_work(): "Stable Diffusion 1.x, 2.x and XL checkpoints work";
            files_that_work(): "Hearth opens whole checkpoints of Stable Diffusion 1.x, 2.x and XL: one .safetensors file, or a folder in diffusers layout";
            playground_2_5(): "Playground 2.5, whose latents and noise are scaled in their own way";
            continuous_noise(): "a checkpoint with continuous noise levels, such as CosXL";
            stable_diffusion_3(): "Stable Diffusion 3";
            stable_cascade(): "Stable Cascade";
            chroma(): "Chroma";
            flux_2(): "Flux 2 or 3";
            flux(): "Flux";
            hidream(): "HiDream";
            auraflow(): "AuraFlow";
            lumina(): "Lumina or Z-Image";
            pixart(): "PixArt or Sana";
            cosmos(): "Cosmos";
            sd_upscaler(): "an upscaler of Stable Diffusion, which enlarges pictures";
            unclip(): "a Stable unCLIP, which takes a picture for a prompt";
            other_prompt_width(context: Number): "a latent diffusion model of another kind: its prompts have {context} features";
            reads_no_prompt(): "a latent diffusion model of another kind: it reads no prompt";
            reads_depth(architecture: Text): "a {architecture} that reads a depth map beside the prompt";
            instruct_pix2pix(architecture: Text): "a {architecture} for InstructPix2Pix, which edits a picture";
            unet_input_channels(architecture: Text, channels: Number): "a {architecture} whose UNet has {channels} channels instead of 4 or 9";
            no_first_convolution(architecture: Text): "a {architecture} without its first convolution";
            without_networks(architecture: Text, networks: Message): "{architecture} without its {networks}";
            and_its(first: Message, second: Message): "{first} and its {second}";

            // Damaged files.
            wrong_digest(found: Text, wanted: Text): "its SHA-256 is {found} instead of {wanted}";
            wrong_length(has: Number, needs: Number): "it has {has} bytes instead of {needs}";
            only_bytes(number: Number): "it has only {number} bytes";
            header_too_long(header: Number, number: Number): "its header claims {header} bytes of {number}";
            header_no_index(detail: Text): "its header is no index: {detail}";
            ends_before(byte: Number): "it ends before byte {byte}";
            copy_and_server_damaged(): "the browser's copy was damaged, and so was what the server sent for it";
            copy_damaged_server_changed(): "the browser's copy was damaged, and the server has another file now";
            length_field_incomplete(): "its length field is incomplete";
            is_there_twice(name: Text): "{name} is there twice";
            has_shape(name: Text, shape: Text): "{name} has the shape {shape}";
            tensors_missing(number: Number, names: Message): "{number} missing ({names})";
            tensors_unexpected(number: Number, names: Message): "{number} unexpected ({names})";
            tensors_wrong_shape(number: Number, names: Message): "{number} wrong shape ({names})";
            shape_differs(name: Text, expected: Text, found: Text): "{name}: expected {expected}, found {found}";
            listed(first: Message, rest: Message): "{first}; {rest}";
            joined(first: Message, rest: Message): "{first}, {rest}";

            // What a checkpoint asks for and is not done.
            aesthetic_score(): "an aesthetic score (requires_aesthetics_score)";
            take_base_model(): "Take the base model instead of its refiner";
            autoencoder_kind(kind: Text): "an autoencoder of the kind {kind}";
            autoencoders_that_work(): "AutoencoderKL and AutoencoderTiny work";
            unets_that_work(latent: Number, inpainting: Number): "UNets with {latent} channels work, and with {inpainting} for inpainting";
            number_type(kind: Text, name: Text): "numbers of type {kind} in {name}";
            save_in_floats(): "Save the checkpoint in f32, f16 or bf16";
            pipeline_kind(kind: Text): "the pipeline {kind}";
            other_scheduler_or_checkpoint(): "Choose another scheduler or checkpoint";
            field_may_be(field: Text, choices: Text): "Choose another scheduler or checkpoint; {field} may be {choices}";
            solver_order_may_be(): "Choose another scheduler; solver_order may be 1 or 2";
            other_checkpoint(): "Choose another checkpoint";
            needs_flow_model(): "it works only with models trained by flow matching; choose another sampler";
            needs_flow_sampler(): "Choose flow-match-euler or flow-match-heun: the model was trained by flow matching";
            choose_scheduler(names: Text): "Choose a scheduler: {names}";
            epsilon_without_signal(): "prediction_type epsilon with rescale_betas_zero_snr";

            // Configs that make no sense.
            field_missing(field: Text): "{field} is missing";
            out_of_range(field: Text): "{field} is out of range";
            either_out_of_range(first: Text, second: Text): "{first} or {second} is out of range";
            any_out_of_range(first: Text, second: Text, third: Text): "{first}, {second} or {third} is out of range";
            field_is(field: Text, number: Number): "{field} is {number}";
            entry_count(field: Text, number: Number): "{field} has {number} entries";
            entry_counts_differ(field: Text, number: Number, other: Text, count: Number): "{field} has {number} entries, {other} {count}";
            block_counts_differ(blocks: Number, down: Number, up: Number): "block_out_channels has {blocks} entries, down_block_types {down}, up_block_types {up}";
            not_all_the_same(field: Text): "{field} are not all the same";
            number_or_list(field: Text, blocks: Number): "{field} must be a number or a list of {blocks}";
            kernels_must_be_odd(): "conv_in_kernel and conv_out_kernel must be odd";
            added_conditions(each: Number, all: Number): "addition_time_embed_dim is {each}, projection_class_embeddings_input_dim {all}";
            hidden_size_split(size: Number, heads: Number): "hidden_size {size} cannot be split into {heads} heads";
            channels_split_into_heads(channels: Number, heads: Number): "{channels} channels cannot be split into {heads} heads";
            channels_split_into_groups(channels: Number, groups: Number): "{channels} channels cannot be split into {groups} groups";
            beta_out_of_range(beta: Number): "a beta is {beta}; all must be between 0 and 1";
            trained_betas_count(has: Number, number: Number): "trained_betas has {has} values, not {number}";
            no_timestep_left(): "lambda_min_clipped leaves no timestep";
            one_sigma_curve(): "only one of use_karras_sigmas, use_exponential_sigmas and use_beta_sigmas may be true";

            // Configs that do not fit each other.
            pictures_too_large(side: Number, most: Number): "its pictures would have {side} pixels a side, {most} are possible";
            cross_attention_differs(context: Number, place: Message): "cross_attention_dim is not {context}, the hidden_size in {place}";
            both_text_encoders(): "both text encoders together";
            out_channels_differ(has: Number, path: Text, latent: Number): "out_channels is {has}, the latent_channels in {path} are {latent}";
            positions_differ(positions: Number, tokens: Number): "max_position_embeddings is {positions}, the tokenizer's {tokens}";
            vocabularies_differ(ours: Number, tokens: Number): "vocab_size is {ours}, the tokenizer's {tokens}";
            text_time_without_sdxl(): "addition_embed_type is text_time, but the pipeline is not SDXL's";
            sdxl_without_text_time(): "addition_embed_type is not text_time, as SDXL's must be";
            no_projection(): "it is no CLIPTextModelWithProjection, as SDXL's must be";
            projection_differs(wanted: Number, given: Number): "projection_class_embeddings_input_dim is {wanted}, text and sizes have {given}";

            // Lists of files, and the tokenizer.
            no_file_name(name: Text): "{name} is no file name";
            no_safetensors_beside(name: Text): "{name} is no safetensors file beside it";
            names_no_files(): "it names no files";
            more_than_any_config(number: Number): "it has {number} bytes, more than any config or vocabulary";
            no_bpe(): "tokenizer.json holds another kind of model than BPE";
            no_token(token: Text): "it has no token {token}";
            token_id_too_large(id: Number, token: Text): "the id {id} of {token} is too large";
            merge_gives_no_token(left: Text, right: Text): "the merge of {left} and {right} gives no token of the vocabulary";
            no_merge(line: Text): "{line} is not a merge of two pieces";
            special_tokens(detail: Text): "special tokens: {detail}";

            // Files of the terminal's.
            no_space_left(): "there is no space left on the disk";
            access_denied(): "the system does not allow it";
            is_a_folder(): "it is a folder, not a file";
            system_fault(detail: Text): "{detail}";
            only_png(name: Text): "only PNG files are written, which keep the settings too; name it {name}";
            one_picture_to_stdout(): "only one picture can be written to the standard output";
            stdout_is_terminal(): "the standard output is a terminal; send it to a file or another program, as in `--output - > picture.png`";
            on_the_hub(command: Text): "no such file or folder. The terminal opens models on your disk; download this one first: {command}";
            on_the_web(command: Text): "it is an address. The terminal opens models on your disk; download this one first: {command}";
            on_civitai(): "it is an address. The terminal opens models on your disk; download this one from Civitai with your browser first";
            no_prompt_in_it(): "there is no prompt in it; write one on each line";
            no_utf8(): "it is no text in UTF-8";
            no_such_place(): "no such file or folder";
            no_such_folder(): "no such folder to write to";
            no_png_in_it(): "there is no PNG, JPEG or WebP in it";
            in_file(path: Text, reason: Message): "{path}: {reason}";
        }
    };
}
